using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Ambry.Protocol;

/// <summary>Checks that stay on in Release: when one fails, the program's own logic is wrong.</summary>
public static class Invariant
{
    /// <exception cref="InvariantViolationException">The condition is false.</exception>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        if (!condition)
        {
            Fail(expression);
        }
    }

    [DoesNotReturn]
    private static void Fail(string expression) => throw new InvariantViolationException(expression);
}
