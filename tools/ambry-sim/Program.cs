using Ambry.Simulator;

return await SimulatorCommand.Create().Parse(args).InvokeAsync();
