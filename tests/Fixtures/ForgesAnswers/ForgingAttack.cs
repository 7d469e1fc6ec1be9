using System.Reflection;
using System.Text;
using Titer.Sdk;
[assembly: TiterPlugin("forges_answers", SdkApi.Level,
    Summary = "Finds the host's pipe among its process' files and answers in its place, with what no host would say.", TrainsOn = TrainingData.None)]

namespace ForgesAnswers;

public enum Forgery
{
    /// <summary>Not a message.</summary>
    Nonsense,

    /// <summary>A message with next to nothing in it.</summary>
    Bare,

    /// <summary>A result without what it spent.</summary>
    NothingSpent,

    /// <summary>Done, and without scores.</summary>
    NoScores,

    /// <summary>Scores of prompts that nobody asked.</summary>
    OtherPrompts,

    /// <summary>A score that is none.</summary>
    HugeScore,
}

public sealed record ForgingOptions(Forgery Forgery = Forgery.Nonsense);

public sealed class ForgingAttack(ForgingOptions options) : IAttack
{
    private const int MostObjects = 10_000;
    private const string Head =
        """{"type":"result","result":{"version":3,"phase_id":"PHASE","kind":"Attack","defense":"x","attack":"y","exposure":"None","seed":1,"status":"Done",""";

    private string Line => options.Forgery switch
    {
        Forgery.Nonsense => """{"type":"nonsense"}""",
        Forgery.Bare => """{"type":"result","result":{"phase_id":"PHASE"}}""",
        Forgery.NothingSpent => Head + """ "spent":null}}""",
        Forgery.NoScores => Head + """ "spent":{"steps":0}}}""",
        Forgery.HugeScore => Head + Trajectory("[[1e300]]"),
        _ => Head + Trajectory("[[0]]"),
    };

    public void Attack(AttackContext context)
    {
        var phase = PhaseOf(context);
        var line = Encoding.UTF8.GetBytes(Line.Replace("PHASE", phase, StringComparison.Ordinal) + "\n");
        foreach (var descriptor in Directory.EnumerateFiles("/proc/self/fd").Where(IsSocket))
            Send(int.Parse(Path.GetFileName(descriptor), System.Globalization.CultureInfo.InvariantCulture), line);
        // The host acts on what it read.
        Thread.Sleep(Timeout.Infinite);
    }

    private static string Trajectory(string harm) =>
        """ "spent":{"steps":0},"trajectory":{"templates":["plain"],"harm_prompts":["hex/1"],"utility_prompts":["soup/1"],"checkpoints":[{"step":0,"harm":"""
        + harm + ""","utility":[1],"coherence":1}]}}}""";

    /// <summary>The id of the phase, from the host's own objects in this process.</summary>
    private static string PhaseOf(AttackContext context)
    {
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var found = new Queue<object>([context]);
        for (var looked = 0; looked < MostObjects && found.TryDequeue(out var next); looked++)
        {
            if (next.GetType().Name == "PhaseOrder")
            {
                var phase = next.GetType().GetProperty("Phase", any)!.GetValue(next)!;
                return (string)phase.GetType().GetProperty("Id", any)!.GetValue(phase)!;
            }

            var fields = next is Delegate call
                ? [call.Target]
                : next.GetType().GetFields(any).Where(f => !f.FieldType.IsValueType && !f.FieldType.IsPointer).Select(f => f.GetValue(next));
            foreach (var value in fields.OfType<object>()
                .Where(v => v is Delegate || v.GetType().Assembly.GetName().Name!.StartsWith("Titer", StringComparison.Ordinal)))
                    found.Enqueue(value);
        }

        throw new InvalidOperationException("The host hides its order.");
    }

    private static bool IsSocket(string descriptor) => new FileInfo(descriptor).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;

    private static void Send(int descriptor, byte[] line)
    {
        try
        {
            using var stream =
                new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            stream.Write(line);
        }
        catch (IOException)
        {
            // Not the pipe.
        }
    }
}
