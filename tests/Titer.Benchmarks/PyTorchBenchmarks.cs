using System.Diagnostics;
using System.Text.Json;
using Titer.Scenarios;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Benchmarks;

/// <summary>The training step against PyTorch in a process of its own, where one is installed; both sides with one thread.</summary>
internal static class PyTorchBenchmarks
{
    private const int Pairs = 9;
    private const int Repeat = 20;
    private const string Name = "training, PyTorch";

    /// <returns>A result without figures where <c>python3 -c "import torch"</c> does not work.</returns>
    public static BenchmarkResult TrainingStep(Scenario scenario, CausalLanguageModel model, TokenBatch batch)
    {
        if (!CanImport())
            return new BenchmarkResult(Name, "skipped: python3 has no module torch", null, null, double.NaN, double.NaN, double.NaN, 0, null);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, JsonSerializer.Serialize(
                new Dictionary<string, long[][]> { ["input_ids"] = Rows(batch.InputIds), ["labels"] = Rows(batch.Labels) }));
            using var python = Start(Path.Combine(AppContext.BaseDirectory, "pytorch_step.py"), scenario.SubjectFolder, file);
            var version = python.StandardOutput.ReadLine() ?? throw new InvalidOperationException("pytorch_step.py ended without an answer.");
            using var own = new AdamW(model.Arena, 1e-4);
            // Timed as a whole: the line that goes to and fro is microseconds.
            var result = PairedRatio.Measure(Name, $"a step; PyTorch {version} / flat arena", () =>
            {
                python.StandardInput.WriteLine(Repeat);
                _ = python.StandardOutput.ReadLine() ?? throw new InvalidOperationException("pytorch_step.py ended.");
            }, () =>
            {
                for (var step = 0; step < Repeat; step++)
                {
                    using var scope = torch.NewDisposeScope();
                    model.Arena.ZeroGradients();
                    FineTuner.SupervisedLoss(model, batch).backward();
                    own.Step();
                }
            }, Pairs, repeat: 1, demand: null);
            python.StandardInput.Close();
            python.WaitForExit();
            return result with { Baseline = result.Baseline / Repeat, Own = result.Own / Repeat };
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static bool CanImport()
    {
        try
        {
            using var python = Start("-c", "import torch");
            python.StandardError.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("python3", arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = arguments[0] == "-c",
    })!;

    private static long[][] Rows(torch.Tensor tensor) => [.. tensor.data<long>().ToArray().Chunk((int)tensor.shape[1])];
}
