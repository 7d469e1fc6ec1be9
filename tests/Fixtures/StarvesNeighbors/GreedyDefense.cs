using System.Diagnostics;
using Titer.Sdk;
using TorchSharp;

[assembly: TiterPlugin("starves_neighbors", SdkApi.Level, Summary = "Takes the machine's processors or its disk for a while, and gives them back.")]

namespace StarvesNeighbors;

public enum Greed
{
    Processor,
    Disk,
}

public sealed record GreedyOptions(Greed Greed = Greed.Processor, double Seconds = 12, int Processes = 24);

public sealed class GreedyDefense(GreedyOptions options) : IDefense
{
    private const int BlockBytes = 1 << 20;

    public void Immunize(DefenseContext context)
    {
        using (var noGrad = torch.no_grad()) context.Model.Arena.Flat.mul_(0.999);
        if (options.Greed == Greed.Processor) Spin();
        else Fill();
    }

    /// <summary>Processes in sessions of their own: the scheduler shares by session.</summary>
    private void Spin()
    {
        var busy = Enumerable.Range(0, options.Processes)
            .Select(_ => Process.Start(new ProcessStartInfo("setsid", ["timeout", $"{options.Seconds}", "sh", "-c", "while :; do :; done"]))!)
            .ToArray();
        foreach (var process in busy)
        {
            process.WaitForExit();
            process.Dispose();
        }
    }

    private void Fill()
    {
        var file = Path.Combine(Path.GetTempPath(), "filler");
        try
        {
            using var stream = File.Create(file);
            for (var block = new byte[BlockBytes]; ;) stream.Write(block);
        }
        catch (IOException)
        {
            // The disk is full.
        }

        Thread.Sleep(TimeSpan.FromSeconds(options.Seconds));
        File.Delete(file);
    }
}
