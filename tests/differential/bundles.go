package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"sort"
	"strconv"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/spiffebundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/spire/pkg/common/bundleutil"
)

type bundleFacts struct {
	X509     []string `json:"x509"`
	JWT      []string `json:"jwt"`
	Sequence *string  `json:"sequence"`
	Hint     *int64   `json:"hint"`
}

// readBundle asks the two readers of the field: go-spiffe reads what a
// ClusterFederatedTrustDomain holds, SPIRE's own decoder what an endpoint serves.
func readBundle(asked question) map[string]verdict {
	name := spiffeid.RequireTrustDomainFromString(asked.TrustDomain)
	installed, installErr := spiffebundle.Parse(name, asked.Bytes)
	polled, pollErr := bundleutil.Decode(name, reading(asked.Bytes))
	return map[string]verdict{
		"go-spiffe": said(factsOf(installed, installErr), installErr),
		"spire":     said(factsOf(polled, pollErr), pollErr),
	}
}

func factsOf(bundle *spiffebundle.Bundle, err error) *bundleFacts {
	if err != nil {
		return nil
	}
	facts := &bundleFacts{X509: []string{}, JWT: []string{}}
	for _, authority := range bundle.X509Authorities() {
		facts.X509 = append(facts.X509, fingerprint(authority))
	}
	for keyID := range bundle.JWTAuthorities() {
		facts.JWT = append(facts.JWT, keyID)
	}
	sort.Strings(facts.X509)
	sort.Strings(facts.JWT)
	if sequence, ok := bundle.SequenceNumber(); ok {
		text := strconv.FormatUint(sequence, 10)
		facts.Sequence = &text
	}
	if hint, ok := bundle.RefreshHint(); ok {
		seconds := int64(hint / time.Second)
		facts.Hint = &seconds
	}
	return facts
}

func fingerprint(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(sum[:])
}
