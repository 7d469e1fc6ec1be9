using Titer.Runtime.Phases;
using Titer.Runtime.Tournaments;

namespace Titer.Runtime.Tests.Workers;

public sealed class VisibleGpusTests
{
    private static readonly string[] Four = ["/dev/nvidia0", "/dev/nvidia1", "/dev/nvidia2", "/dev/nvidia3", "/dev/nvidiactl", "/dev/nvidia-uvm",
        "/dev/nvidia-modeset"];

    [Theory]
    [InlineData(null, 4)]
    [InlineData("", 0)]
    [InlineData("-1", 0)]
    [InlineData("2", 1)]
    [InlineData("3, 1", 2)]
    [InlineData("0,-1,2", 1)]
    [InlineData("0,7,2", 1)]
    [InlineData("1,1", 1)]
    [InlineData("GPU-8932f937-d72c,MIG-41b35014", 2)]
    [InlineData("NoDevFiles", 0)]
    public void The_variable_says_which_of_the_machines_gpus_are_seen(string? variable, int seen)
    {
        Assert.Equal(seen, VisibleGpus.Count(variable, Four));
        Assert.Equal(0, VisibleGpus.Count(variable, ["/dev/null", "/dev/nvidiactl"]));
    }

    [Theory]
    [InlineData("cpu", 4, 16)]
    [InlineData("cuda", 4, 4)]
    [InlineData("cuda", 0, 1)]
    [InlineData("cuda:1", 4, 1)]
    public void Lanes_are_cores_on_the_cpu_and_gpus_on_cuda(string device, int gpus, int lanes) =>
        Assert.Equal(lanes, DeviceLanes.DefaultCount(device, cores: 16, gpus));

    [Fact]
    public void Running_phases_have_a_gpu_each_and_a_freed_one_is_taken_next()
    {
        var lanes = new DeviceLanes("cuda", 3);

        Assert.Equal(["cuda:0", "cuda:1", "cuda:2"], Enumerable.Range(0, 3).Select(_ => lanes.Take()));
        lanes.Return("cuda:1");
        Assert.Equal("cuda:1", lanes.Take());
        Assert.Equal("cuda:0", lanes.Take());
    }

    [Theory]
    [InlineData("cpu", 4)]
    [InlineData("cuda:1", 4)]
    [InlineData("cuda", 0)]
    public void A_named_device_is_every_lanes_own(string device, int gpus)
    {
        var lanes = new DeviceLanes(device, gpus);

        Assert.Equal([device, device], new[] { lanes.Take(), lanes.Take() });
        lanes.Return(device);
    }
}
