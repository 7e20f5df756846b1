package main

import (
	"crypto/x509"
	"fmt"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

type certificateFacts struct {
	SHA256    string   `json:"sha256"`
	Serial    string   `json:"serial"`
	NotBefore string   `json:"notBefore"`
	NotAfter  string   `json:"notAfter"`
	IsCA      bool     `json:"isCa"`
	URIs      []string `json:"uris"`
	SKI       string   `json:"ski"`
}

func readCertificate(asked question) map[string]verdict {
	certificate, err := x509.ParseCertificate(asked.Bytes)
	if err != nil {
		return map[string]verdict{"crypto/x509": said(nil, err)}
	}
	facts := certificateFacts{
		SHA256:    fingerprint(certificate),
		Serial:    fmt.Sprintf("%x", certificate.SerialNumber),
		NotBefore: certificate.NotBefore.UTC().Format("2006-01-02T15:04:05Z"),
		NotAfter:  certificate.NotAfter.UTC().Format("2006-01-02T15:04:05Z"),
		IsCA:      certificate.IsCA,
		URIs:      []string{},
		SKI:       fmt.Sprintf("%x", certificate.SubjectKeyId),
	}
	for _, uri := range certificate.URIs {
		facts.URIs = append(facts.URIs, uri.String())
	}
	return map[string]verdict{"crypto/x509": said(facts, nil)}
}

// readSVID asks go-spiffe's verifier, which stands on crypto/x509.
func readSVID(asked question) map[string]verdict {
	id, err := verifySVID(asked)
	return map[string]verdict{"go-spiffe": said(id, err)}
}

func verifySVID(asked question) (string, error) {
	name, err := spiffeid.TrustDomainFromString(asked.TrustDomain)
	if err != nil {
		return "", err
	}
	bundle := x509bundle.New(name)
	for _, der := range asked.Roots {
		root, err := x509.ParseCertificate(der)
		if err != nil {
			return "", err
		}
		bundle.AddX509Authority(root)
	}
	id, _, err := x509svid.ParseAndVerify(asked.Chain, bundle, x509svid.WithTime(timeOf(asked)))
	return id.String(), err
}
