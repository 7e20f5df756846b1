// Stand-in for oc, as far as plugins go: oc is kubectl's own command, whose plugin
// handler and completion look for programs with the prefix oc before kubectl.
package main

import (
	"os"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/plugin"
	"k8s.io/kubectl/pkg/cmd/util"
)

func main() {
	plugin.ValidPluginFilenamePrefixes = []string{"oc", "kubectl"}
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	command := cmd.NewDefaultKubectlCommandWithArgs(cmd.KubectlOptions{
		PluginHandler: cmd.NewDefaultPluginHandler(plugin.ValidPluginFilenamePrefixes),
		Arguments:     os.Args,
		ConfigFlags:   genericclioptions.NewConfigFlags(true),
		IOStreams:     streams,
	})
	command.Use = "oc"
	if err := cli.RunNoErrOutput(command); err != nil {
		util.CheckErr(err)
	}
}
