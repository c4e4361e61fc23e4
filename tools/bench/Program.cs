using System.CommandLine;
using Ambry.Bench;
using Ambry.Bench.Engine;

var root = new RootCommand("Loads an S3 endpoint, or the storage engine alone, and says how it bore it.")
{
    S3Command.Create(), EngineCommand.Create(), ChildCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
