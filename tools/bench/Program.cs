using System.CommandLine;
using Ambry.Bench;

var root = new RootCommand("Loads an S3 endpoint and says how it bore it.") { S3Command.Create() };
return await root.Parse(args).InvokeAsync();
