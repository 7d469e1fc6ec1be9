using System.Globalization;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Titer.Models.Generation;

namespace Titer.Benchmarks.Device;

/// <summary>Greedy continuations with the key-value cache on the large model, none of which ends early.</summary>
internal static class GenerationStep
{
    public static StepOutcome Run(DeviceUnderTest device)
    {
        var empty = device.UsedMegabytes();
        using var model = device.LargeModel();
        var (count, length, fresh) = device.GenerationShape;
        var random = new Random((int)DeviceUnderTest.Seed);
        int[][] prompts = [.. Enumerable.Range(0, count)
            .Select(_ => Enumerable.Range(0, length).Select(_ => random.Next(device.LargeConfig.VocabSize)).ToArray())];
        TextGenerator.Greedy(model, prompts, fresh, endId: -1, padId: 0);
        var seconds = Enumerable.Range(0, 3).Select(_ =>
        {
            var started = Stopwatch.GetTimestamp();
            var answers = TextGenerator.Greedy(model, prompts, fresh, endId: -1, padId: 0);
            return (Seconds: Stopwatch.GetElapsedTime(started).TotalSeconds, Tokens: answers.Sum(a => a.Length));
        }).ToArray();
        var median = PairedRatio.Median(seconds.Select(s => s.Seconds));
        var whole = Array.TrueForAll(seconds, s => s.Tokens == count * fresh);
        var used = device.UsedMegabytes() - empty;
        return new StepOutcome(whole,
            string.Create(CultureInfo.InvariantCulture,
                $"{count} prompts of {length}, {fresh} new tokens "
                    + $"each: {count * fresh / median:0} tokens/s, {median / fresh * 1000:0.00} ms a token step, median "
                    + $"of {seconds.Length}, {used:0} MB"),
            new JsonObject { ["tokens_per_second"] = count * fresh / median, ["median_seconds"] = median, ["peak_megabytes"] = used });
    }
}
