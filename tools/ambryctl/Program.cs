using Ambry.Control;

var io = new ControlStreams(Console.Out, Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
return await ControlLine.RunAsync(args, io, CancellationToken.None);
