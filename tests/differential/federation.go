package main

import (
	"github.com/spiffe/spire-controller-manager/api/v1alpha1"
	"sigs.k8s.io/yaml"
)

type federationFacts struct {
	TrustDomain string       `json:"trustDomain"`
	URL         string       `json:"url"`
	Name        string       `json:"name"`
	Bundle      *bundleFacts `json:"bundle"`
}

// readFederation reads an object as kubectl's YAML reader does, and judges it as
// spire-controller-manager does.
func readFederation(asked question) map[string]verdict {
	var object v1alpha1.ClusterFederatedTrustDomain
	if err := yaml.UnmarshalStrict(asked.Bytes, &object); err != nil {
		return map[string]verdict{"controller": said(nil, err)}
	}
	relationship, err := v1alpha1.ParseClusterFederatedTrustDomainSpec(&object.Spec)
	if err != nil {
		return map[string]verdict{"controller": said(nil, err)}
	}
	facts := federationFacts{
		TrustDomain: relationship.TrustDomain.Name(),
		URL:         relationship.BundleEndpointURL,
		Name:        object.Name,
	}
	if relationship.TrustDomainBundle != nil {
		facts.Bundle = factsOf(relationship.TrustDomainBundle, nil)
	}
	return map[string]verdict{"controller": said(facts, nil)}
}
