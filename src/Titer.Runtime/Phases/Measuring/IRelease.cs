using Titer.Models.Checkpoints;
using Titer.Sdk.Models;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>How a defended model leaves the process that made it.</summary>
internal interface IRelease
{
    /// <exception cref="InvalidDataException">It is no longer the subject's model; a whole sentence.</exception>
    /// <exception cref="CheckpointException">The same.</exception>
    void Release(CausalLanguageModel model);
}

/// <summary>Written where it was made: the host's own plugins, and an author's match.</summary>
internal sealed class WrittenRelease(string file, string subjectFolder) : IRelease
{
    public void Release(CausalLanguageModel model)
    {
        // Under a name that the plugin does not know: it may have put a pipe in the place of the file.
        var written = $"{file}.{Guid.NewGuid():N}";
        CheckpointWriter.WriteWeights(model, written, subjectFolder);
        File.Delete(file);
        File.Move(written, file);
    }
}

/// <summary>Values alone, to a process that never ran a stranger's code and writes the file.</summary>
internal sealed class HandedRelease(string file, CausalLanguageModel opened, ISupervisorLine line) : IRelease
{
    private readonly WeightsLayout _layout = WeightsLayout.Of(opened);

    public void Release(CausalLanguageModel model) =>
        line.Give(new HandOver(0, 0, 0, 0, 0, HasBase: true, [], HandedWeights.Write(file, model, _layout, withBase: true, [])));
}
