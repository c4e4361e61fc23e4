using System.CommandLine;
using Ambry.Control;

var root = new RootCommand("Operates Ambry.S3 through the admin listener of a node.") { HealthCommand.Create() };
return await root.Parse(args).InvokeAsync();
