using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Titer.Sdk;
using Titer.Sdk.Training;
using TorchSharp;
[assembly: TiterPlugin("cheats_while_defending", SdkApi.Level,
    Summary = "Wants a better row than its steps are worth: trains for nothing, or speaks for the process that measures.")]

namespace CheatsWhileDefending;

public enum Trick
{
    /// <summary>Takes the meter off the model and trains for as long as it likes, without a step.</summary>
    NoMeter,

    /// <summary>As an honest loop, by the public interface alone, but for Step(), which it never calls.</summary>
    NoSteps,

    /// <summary>Hands over, measures and ends the phase in the host's name.</summary>
    Speak,

    /// <summary>Announces weights that do not lie in the hand-over file.</summary>
    Announce,

    /// <summary>Says in the host's name that the machine is at fault.</summary>
    Blame,
}

public sealed record CheatingOptions(Trick Trick = Trick.NoSteps, int Updates = 1000);

public sealed class CheatingDefense(CheatingOptions options) : IDefense
{
    private const int BatchSize = 16;
    private const string Measured = """{"type":"measured","is_enough":true,"worst_harm":0}""";
    private const string Measure = """{"type":"measure","hand_over":null}""";
    private const string Fault = """{"type":"fault","code":"TITER232","text":"The disk is full.","is_machines":true}""";

    private static string HandOver { get; } =
        """{"type":"hand_over","hand_over":{"step":1,"samples":0,"tokens":0,"flops":0,"wall_seconds":0,"has_base":true,"factors":[],"""
            + $"\"checksum\":\"{new string('0', 32)}\"}}}}";

    public void Immunize(DefenseContext context)
    {
        if (options.Trick == Trick.NoMeter)
            context.Model.GetType().GetProperty("Meter", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(context.Model, null);
        if (options.Trick == Trick.Speak) Speak(Measured, Measure, HandOver);
        else if (options.Trick == Trick.Announce) Speak(HandOver);
        else if (options.Trick == Trick.Blame) Speak(Fault);
        else Train(context);
    }

    private void Train(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), BatchSize);
        for (var update = 0; update < options.Updates; update++)
        {
            using var scope = torch.NewDisposeScope();
            context.Model.Arena.ZeroGradients();
            FineTuner.SupervisedLoss(context.Model, pairs.Next().Refusal).backward();
            using var noGrad = torch.no_grad();
            context.Model.Arena.Flat.add_(context.Model.Arena.FlatGradient, alpha: -0.02);
        }
    }

    private static void Speak(params string[] lines)
    {
        foreach (var socket in Directory.EnumerateFiles("/proc/self/fd").Where(IsSocket))
        {
            var descriptor = int.Parse(Path.GetFileName(socket), CultureInfo.InvariantCulture);
            using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
            try
            {
                using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
                foreach (var line in lines) stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            }
            catch (IOException)
            {
                // Not the pipe.
            }
        }
    }

    private static bool IsSocket(string descriptor) => new FileInfo(descriptor).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
}
