using System.CommandLine;
using Ambry.Bench;
using Ambry.Bench.Cluster;
using Ambry.Bench.Engine;

var root = new RootCommand("Loads an S3 endpoint, a cluster, or the storage engine alone, and says how it bore it.")
{
    S3Command.Create(), EngineCommand.Create(), ClusterCommand.Create(), ChildCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
