using Ambry.Host;

return await CommandLine.InvokeAsync(args);
