namespace Ambry.Control;

/// <summary>Where a command writes: results to one stream, everything about them to the other.</summary>
internal sealed record ControlStreams(TextWriter Output, TextWriter Error, bool ErrorIsTerminal, TimeProvider Time);
