Console.Error.WriteLine("ambry: no verb is built yet.");
return 2;
