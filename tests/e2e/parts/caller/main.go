// Command caller is a workload that knows nothing but its own SVID and the bundles
// that the Workload API hands it.
//
//	caller serve ADDRESS TRUST_DOMAIN   answers callers of that trust domain
//	caller call URL SPIFFE_ID           calls, and demands exactly that identity
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
)

const socket = "unix:///spiffe-workload-api/spire-agent.sock"

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: caller serve ADDRESS TRUST_DOMAIN | caller call URL SPIFFE_ID"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	source, err := workloadapi.NewX509Source(ctx, workloadapi.WithClientOptions(workloadapi.WithAddr(socket)))
	fail(err)
	if os.Args[1] == "serve" {
		fail(serve(source, os.Args[2], os.Args[3]))
	}
	fail(call(source, os.Args[2], os.Args[3]))
}

func serve(source *workloadapi.X509Source, address, domain string) error {
	trustDomain, err := spiffeid.TrustDomainFromString(domain)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr:      address,
		TLSConfig: tlsconfig.MTLSServerConfig(source, source, tlsconfig.AuthorizeMemberOf(trustDomain)),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "hello %s\n", r.TLS.PeerCertificates[0].URIs[0])
		}),
	}
	return server.ListenAndServeTLS("", "")
}

func call(source *workloadapi.X509Source, url, id string) error {
	wanted, err := spiffeid.FromString(id)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: tlsconfig.MTLSClientConfig(source, source, tlsconfig.AuthorizeID(wanted)),
	}}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
