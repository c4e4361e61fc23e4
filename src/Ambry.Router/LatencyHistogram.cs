using System.Numerics;

namespace Ambry.Router;

/// <summary>
/// How long requests took lately: eight buckets an octave from a microsecond to two minutes, so that a quantile is off
/// by an eighth at most. All counts are halved once there are two thousand, and every ten seconds, so that old answers
/// fade. Thread safe; fixed in size.
/// </summary>
internal sealed class LatencyHistogram(TimeProvider time)
{
    private const int StepBits = 3;
    private const int Octaves = 27;
    private const int HalveAt = 2000;

    /// <summary>A quantile is computed once for so many answers.</summary>
    private const int QuantileKept = 16;

    private static readonly TimeSpan HalveEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly int[] _counts = new int[Octaves << StepBits];
    private long _halvedAt = time.GetTimestamp();
    private int _total;
    private int _sinceQuantile = QuantileKept;
    private TimeSpan _quantile;

    public void Record(TimeSpan latency)
    {
        lock (_gate)
        {
            if (_total >= HalveAt || time.GetElapsedTime(_halvedAt) >= HalveEvery)
            {
                Halve();
            }

            _counts[IndexOf(latency)]++;
            _total++;
            _sinceQuantile++;
        }
    }

    /// <summary>The time that nine of ten requests stay below; null while there are too few.</summary>
    public TimeSpan? GetNinetieth(int samplesMin)
    {
        lock (_gate)
        {
            if (_total < samplesMin)
            {
                return null;
            }

            if (_sinceQuantile >= QuantileKept)
            {
                _quantile = FindNinetieth();
                _sinceQuantile = 0;
            }

            return _quantile;
        }
    }

    private static int IndexOf(TimeSpan latency)
    {
        ulong micros = (ulong)Math.Clamp(latency.TotalMicroseconds, 1, (1L << Octaves) - 1);
        int octave = BitOperations.Log2(micros);
        ulong step = octave >= StepBits ? micros >> (octave - StepBits) : micros << (StepBits - octave);
        return (octave << StepBits) | (int)(step & ((1 << StepBits) - 1));
    }

    /// <summary>The end of a bucket.</summary>
    private static TimeSpan EndOf(int index)
    {
        double start = Math.ScaleB(1, index >> StepBits);
        int step = (index & ((1 << StepBits) - 1)) + 1;
        return TimeSpan.FromMicroseconds(start + (start * step / (1 << StepBits)));
    }

    private TimeSpan FindNinetieth()
    {
        int above = _total - (int)(_total * 0.9);
        int index = _counts.Length;
        while (above > 0 && index > 0)
        {
            above -= _counts[--index];
        }

        return EndOf(index);
    }

    private void Halve()
    {
        _halvedAt = time.GetTimestamp();
        _total = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] /= 2;
            _total += _counts[i];
        }
    }
}
