// Command csi-stand-in stands in for spiffe-csi-driver and node-driver-registrar,
// whose modules cannot be had from the module proxy. It speaks the real CSI and
// kubelet registration protocols, and does what spiffe-csi does: it binds the folder
// of the Workload API's socket into the pod, read-only.
package main

import (
	"context"
	"errors"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const (
	driver       = "csi.spiffe.io"
	driverSock   = "/var/lib/kubelet/plugins/" + driver + "/csi.sock"
	registrySock = "/var/lib/kubelet/plugins_registry/" + driver + "-reg.sock"
	workloadAPI  = "/spire-agent-socket"
)

type node struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedNodeServer
}

func (node) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: driver, VendorVersion: "stand-in"}, nil
}

func (node) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{}, nil
}

func (node) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{Ready: wrapperspb.Bool(true)}, nil
}

func (node) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (node) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: os.Getenv("NODE_NAME"), MaxVolumesPerNode: 1000}, nil
}

func (node) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	if request.VolumeContext["csi.storage.k8s.io/ephemeral"] != "true" {
		return nil, status.Error(codes.InvalidArgument, "only ephemeral volumes are supported")
	}
	if !request.Readonly {
		return nil, status.Error(codes.InvalidArgument, "pod.spec.volumes[].csi.readOnly must be set to 'true'")
	}
	if err := os.MkdirAll(request.TargetPath, 0o777); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if err := unix.Mount(workloadAPI, request.TargetPath, "", unix.MS_BIND, ""); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (node) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	err := unix.Unmount(request.TargetPath, 0)
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return nil, status.Error(codes.Internal, err.Error())
	}
	// What is not empty is not ours to remove.
	_ = os.Remove(request.TargetPath)
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

type registrar struct {
	registration.UnimplementedRegistrationServer
}

func (registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type: registration.CSIPlugin, Name: driver, Endpoint: driverSock, SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (registrar) NotifyRegistrationStatus(_ context.Context, result *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if !result.PluginRegistered {
		log.Fatalf("the kubelet refused the driver: %s", result.Error)
	}
	return &registration.RegistrationStatusResponse{}, nil
}

func listen(path string) net.Listener {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		log.Fatal(err)
	}
	// A socket of an earlier run cannot be listened on again.
	_ = os.Remove(path)
	listener, err := net.Listen("unix", path)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func main() {
	volumes := grpc.NewServer()
	csi.RegisterIdentityServer(volumes, &node{})
	csi.RegisterNodeServer(volumes, &node{})
	go func() { log.Fatal(volumes.Serve(listen(driverSock))) }()
	plugin := grpc.NewServer()
	registration.RegisterRegistrationServer(plugin, registrar{})
	log.Fatal(plugin.Serve(listen(registrySock)))
}
