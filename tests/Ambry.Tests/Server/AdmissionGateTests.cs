using Ambry.Server;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

public class AdmissionGateTests
{
    private const long Mib = 1 << 20;

    [Fact]
    public void A_request_larger_than_the_limit_is_let_in_alone()
    {
        var gate = new AdmissionGate(10, 100);

        gate.TryEnter(1, 1000, hasContent: true).ShouldBeTrue();
        gate.TryEnter(2, 1, hasContent: true).ShouldBeFalse();
        gate.Exit(1, 1000);
        gate.TryEnter(2, 1, hasContent: true).ShouldBeTrue();
    }

    [Fact]
    public void While_there_is_plenty_of_room_a_tenant_takes_what_it_likes()
    {
        var gate = new AdmissionGate(160, 1000 * Mib);
        gate.TryEnter(2, 0, hasContent: true).ShouldBeTrue();

        Fill(gate, tenant: 1).ShouldBe(79);
        gate.Requests.ShouldBe(80);
    }

    [Theory]
    [InlineData(1, 140)]
    [InlineData(2, 70)]
    [InlineData(4, 35)]
    public void When_it_is_busy_a_tenant_has_its_share_of_seven_eighths(int others, int share)
    {
        var gate = new AdmissionGate(160, 1000 * Mib);
        for (uint other = 2; other <= others; other++)
        {
            gate.TryEnter(other, 0, hasContent: true).ShouldBeTrue();
        }

        // Half of all is free for everybody, in the order of coming.
        Fill(gate, tenant: 1).ShouldBe(Math.Max(share, 80 - (others - 1)));
    }

    [Fact]
    public void Bytes_are_shared_as_requests_are()
    {
        var gate = new AdmissionGate(10_000, 160 * Mib);
        gate.TryEnter(2, 0, hasContent: true).ShouldBeTrue();

        Fill(gate, tenant: 1, bytes: Mib).ShouldBe(80);
        Fill(gate, tenant: 2, bytes: Mib).ShouldBe(70);
    }

    [Fact]
    public void Whoever_comes_to_a_gate_that_another_floods_finds_a_place_at_once()
    {
        var gate = new AdmissionGate(160, 160 * Mib);
        Fill(gate, tenant: 1).ShouldBe(140);

        gate.TryEnter(2, 4 * Mib, hasContent: true).ShouldBeTrue();
        Fill(gate, tenant: 1).ShouldBe(0);
        gate.Exit(1, 0);
        Fill(gate, tenant: 1).ShouldBe(0);
        gate.Exit(2, 4 * Mib);
        Fill(gate, tenant: 1).ShouldBe(1);
    }

    [Fact]
    public void However_many_tenants_there_are_each_has_a_few_requests()
    {
        var gate = new AdmissionGate(1600, 1L << 40);
        for (uint other = 2; other <= 1001; other++)
        {
            gate.TryEnter(other, 0, hasContent: true).ShouldBeTrue();
        }

        Fill(gate, tenant: 1).ShouldBe(AdmissionGate.RequestsFloor);
    }

    [Fact]
    public void Deletes_have_places_of_their_own_and_no_share()
    {
        var gate = new AdmissionGate(160, 160 * Mib);
        Fill(gate, tenant: 1);
        Fill(gate, tenant: 2);
        Fill(gate, tenant: 3);
        gate.Requests.ShouldBe(150);
        gate.TryEnter(4, 0, hasContent: true).ShouldBeFalse();

        for (int i = 0; i < 10; i++)
        {
            gate.TryEnter(1, 0, hasContent: false).ShouldBeTrue();
        }

        gate.TryEnter(1, 0, hasContent: false).ShouldBeFalse();
    }

    [Fact]
    public void Whatever_comes_and_goes_limits_and_shares_hold_and_nothing_is_left()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            int requestsMax = random.Next(1, 200);
            long bytesMax = random.Next(1, 200) * Mib;
            var gate = new AdmissionGate(requestsMax, bytesMax);
            var inside = new List<(uint Tenant, long Bytes)>();
            for (int step = 0; step < 500; step++)
            {
                Step(gate, random, inside, requestsMax, bytesMax, $"seed {seed}, step {step}");
            }

            inside.ForEach(request => gate.Exit(request.Tenant, request.Bytes));
            (gate.Requests, gate.Bytes, gate.Tenants).ShouldBe((0, 0L, 0), $"seed {seed}");
        }
    }

    private static void Step(
        AdmissionGate gate,
        Random random,
        List<(uint Tenant, long Bytes)> inside,
        int requestsMax,
        long bytesMax,
        string where)
    {
        if (inside.Count > 0 && random.Next(3) == 0)
        {
            int leaving = random.Next(inside.Count);
            gate.Exit(inside[leaving].Tenant, inside[leaving].Bytes);
            inside.RemoveAt(leaving);
            return;
        }

        // Few tenants, one of them busier than the others.
        uint tenant = (uint)Math.Max(0, random.Next(-5, 5));
        long bytes = random.Next(0, 4) * Mib;
        bool hasContent = random.Next(4) > 0;
        (uint Tenant, long Bytes)[] own = [.. inside.Where(r => r.Tenant == tenant)];
        bool wasBusy = 2 * inside.Count >= requestsMax || 2 * (inside.Sum(r => r.Bytes) + bytes) > bytesMax;
        int tenants = inside.Select(r => r.Tenant).Distinct().Count();
        bool isIn = gate.TryEnter(tenant, bytes, hasContent);
        if (isIn)
        {
            inside.Add((tenant, bytes));
        }

        inside.Count.ShouldBeLessThanOrEqualTo(requestsMax, where);
        gate.Requests.ShouldBe(inside.Count, where);
        gate.Tenants.ShouldBe(inside.Select(r => r.Tenant).Distinct().Count(), where);
        (inside.Count == 1 || inside.Sum(r => r.Bytes) <= bytesMax || !isIn).ShouldBeTrue(where);
        if (isIn && hasContent && wasBusy && own.Length > 0)
        {
            (own.Length + 1).ShouldBeLessThanOrEqualTo(
                Math.Max(AdmissionGate.RequestsFloor, (requestsMax / tenants) + 1), where);
        }

        bool fits = inside.Count < requestsMax - (requestsMax / 16) && inside.Sum(r => r.Bytes) + bytes <= bytesMax;
        (isIn || !fits || own.Length > 0).ShouldBeTrue($"{where}: a tenant without any was refused");
    }

    /// <summary>How many more of a tenant's requests are let in.</summary>
    private static int Fill(AdmissionGate gate, uint tenant, long bytes = 0)
    {
        int entered = 0;
        while (gate.TryEnter(tenant, bytes, hasContent: true))
        {
            entered++;
        }

        return entered;
    }
}
