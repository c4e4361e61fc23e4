using Ambry.Compat.DotNet;

// Prints one "ok" or "not ok" line a check; the runner counts them.
var checks = new SdkChecks(
    Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL") ?? "http://127.0.0.1:9000",
    Environment.GetEnvironmentVariable("AWS_REGION") ?? "us-east-1");
foreach (var (name, check) in checks.All())
{
    try
    {
        await check();
        Console.WriteLine($"ok {name}");
    }
    catch (Exception fault)
    {
        Console.WriteLine($"not ok {name}");
        Console.WriteLine($"    {fault.GetType().Name}: {fault.Message.ReplaceLineEndings(" ")}");
    }
}
