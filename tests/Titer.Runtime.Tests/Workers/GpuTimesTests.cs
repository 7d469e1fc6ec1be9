using Titer.Models.Native;
using Titer.Runtime.Workers;

namespace Titer.Runtime.Tests.Workers;

public sealed class GpuTimesTests
{
    private const long Start = 1_000_000_000;
    private readonly List<GpuSample> _samples = [];

    [Fact]
    public void A_tree_is_charged_its_share_of_the_time_between_samples()
    {
        var times = Times();
        Sample(0, process: 7, seconds: 1, share: 0.5);
        Sample(0, process: 8, seconds: 2, share: 1);
        Sample(0, process: 9, seconds: 2, share: 1);

        Assert.Equal(1.5, times.Look([7, 8]), 9);
    }

    [Fact]
    public void A_sample_is_charged_once()
    {
        var times = Times();
        Sample(0, process: 7, seconds: 1, share: 1);
        times.Look([7]);
        Sample(0, process: 7, seconds: 1.5, share: 1);

        Assert.Equal(0.5, times.Look([7]), 9);
        Assert.Equal(0, times.Look([7]));
    }

    [Fact]
    public void A_process_that_is_gone_when_its_sample_comes_is_still_charged()
    {
        var times = Times();
        times.Look([7, 8]);
        Sample(0, process: 8, seconds: 1, share: 0.25);

        Assert.Equal(0.25, times.Look([7]), 9);
    }

    [Fact]
    public void Gpus_add_up()
    {
        var times = Times();
        Sample(0, process: 7, seconds: 1, share: 1);
        Sample(1, process: 7, seconds: 1, share: 1);

        Assert.Equal(2, times.Look([7]), 9);
    }

    [Fact]
    public void After_a_long_pause_without_samples_a_process_is_charged_no_more_than_two_seconds_of_it()
    {
        var times = Times();
        Sample(0, process: 7, seconds: 60, share: 1);

        Assert.Equal(2, times.Look([7]), 9);
    }

    private GpuTimes Times() => new(2, (device, since) => [.. _samples.Where(s => s.Device == device && s.At > since)], Start);

    private void Sample(int device, int process, double seconds, double share) =>
        _samples.Add(new GpuSample(device, process, Start + (long)(seconds * 1e6), share));
}
