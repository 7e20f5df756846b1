// Command differential answers what go-spiffe, SPIRE, spire-controller-manager and
// Go's own crypto/x509 make of documents: one question as JSON on each line of
// standard input, one answer as JSON on each line of standard output.
//
// It is the reference that `deno task differential` compares lib/spiffe with, and no
// part of the ordinary tests.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// question names a reader by Kind; the other members are its input.
type question struct {
	Kind        string   `json:"kind"`
	TrustDomain string   `json:"trustDomain"`
	Text        string   `json:"text"`
	Bytes       []byte   `json:"bytes"`
	Chain       [][]byte `json:"chain"`
	Roots       [][]byte `json:"roots"`
	At          string   `json:"at"`
}

// verdict is what one reader says: Error is empty when it accepts.
type verdict struct {
	Error string      `json:"error"`
	Facts interface{} `json:"facts,omitempty"`
}

type reader func(question) map[string]verdict

var readers = map[string]reader{
	"bundle":       readBundle,
	"id":           readID,
	"trust-domain": readTrustDomain,
	"certificate":  readCertificate,
	"svid":         readSVID,
	"federation":   readFederation,
}

func main() {
	if err := answerAll(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answerAll() error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			return err
		}
		read, ok := readers[asked.Kind]
		if !ok {
			return fmt.Errorf("no reader for %q", asked.Kind)
		}
		if err := encoder.Encode(read(asked)); err != nil {
			return err
		}
	}
	return nil
}

func said(facts interface{}, err error) verdict {
	if err != nil {
		return verdict{Error: err.Error()}
	}
	return verdict{Facts: facts}
}

func readID(asked question) map[string]verdict {
	id, err := spiffeid.FromString(asked.Text)
	return map[string]verdict{"go-spiffe": said(
		map[string]string{"trustDomain": id.TrustDomain().Name(), "path": id.Path()}, err)}
}

func readTrustDomain(asked question) map[string]verdict {
	name, err := spiffeid.TrustDomainFromString(asked.Text)
	return map[string]verdict{"go-spiffe": said(name.Name(), err)}
}

func timeOf(asked question) time.Time {
	at, err := time.Parse(time.RFC3339, asked.At)
	if err != nil {
		panic(err)
	}
	return at
}

func reading(document []byte) *bytes.Reader { return bytes.NewReader(document) }
