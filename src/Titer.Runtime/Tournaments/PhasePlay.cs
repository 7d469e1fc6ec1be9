using Titer.Files;
using Titer.Files.Codes;
using Titer.Models.Checkpoints;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// One phase from its order to a result that may be stored: scratch folder, device, executor, and what the worker left, which is input from
/// somebody else until it was looked at. Never throws.
/// </summary>
internal sealed class PhasePlay(IPhaseExecutor executor, RunFolder folder, RunAssets assets, ResultStore store, ScenarioParts parts,
    DeviceLanes devices)
{
    /// <summary>Beside the subject's own bytes: headers, and tensors that it derives from others.</summary>
    private const long MoreWeightsBytes = 64L << 20;

    private const string HiddenName = "defense";

    private readonly long _mostWeightsBytes = 2 * BytesIn(assets.Scenario.SubjectFolder) + MoreWeightsBytes;

    public async Task<PhaseOutcome> PlayAsync(PhaseRequest request, Action<PhaseProgress> progressed, CancellationToken abort)
    {
        var phase = request.Phase;
        try
        {
            using var scratch = ScratchFolder.Create();
            var device = devices.Take();
            try
            {
                var order = Order(request, scratch.Path, device);
                var result = await executor.ExecuteAsync(order, new PhaseLog(folder, phase, progressed), abort);
                if (order.OutputVerdictsFile is { } verdicts) assets.Verdicts!.Adopt(assets.KeptJudge!, verdicts);
                return new PhaseOutcome(Accepted(request, order, result), null);
            }
            finally
            {
                devices.Return(device);
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            return new PhaseOutcome(null, null);
        }
        catch (Exception e)
            when (e is MachineFaultException or IOException or UnauthorizedAccessException or Titer.Models.Native.NativeTorchException)
        {
            return new PhaseOutcome(null, Coded(e));
        }
        catch (Exception e)
        {
            // Something that a plugin provoked, or a bug: it costs this phase, not the tournament.
            new PhaseLog(folder, phase, progressed).Log(new PhaseLogLine("error", e.ToString()));
            return new PhaseOutcome(phase.Failed(PhaseStatus.Error, "TITER224",
                $"The host failed while it played this phase: {e.GetType().Name}: {e.Message} The log of the phase has the stack; please report "
                    + "it."), null);
        }
    }

    private PhaseOrder Order(PhaseRequest request, string scratch, string device) => new()
    {
        Phase = Hidden(request.Phase),
        ScenarioPartFile = parts.FileFor(request.Phase.Kind),
        MeasurementPartFile = parts.FileFor(PhaseKind.Assess),
        SubjectFolder = assets.Scenario.SubjectFolder,
        AdapterFolder = assets.Scenario.AdapterFolder,
        ParentFolder = assets.Scenario.ParentFolder,
        Device = device,
        Limits = ResultStore.LimitsOf(request.Spec, request.Phase),
        PluginFolder = assets.PluginFolderOf(request.Phase),
        ThenPluginFolder = assets.ThenFolderOf(request.Phase),
        CheckpointFolder = assets.CheckpointFolderOf(request.Phase),
        Program = assets.ProgramOf(request.Phase),
        RunsOnlyHostCode = assets.RunsOnlyHostCode(request.Phase),
        WeightsFile = request.Defended?.WeightsHash is { } hash ? folder.WeightsFile(hash) : null,
        OutputWeightsFile = request.Phase.Kind == PhaseKind.Defend ? Path.Combine(scratch, "model.safetensors") : null,
        OutputSamplesFile = request.Phase.Kind == PhaseKind.Defend ? null : Path.Combine(scratch, "samples.jsonl.gz"),
        EarlyStopping = request.Phase.Kind == PhaseKind.Attack ? request.Spec.EarlyStopping : null,
        IsMeasuredCoarsely = EvaluationGrid.IsCoarse(request.Phase, request.Spec.EarlyStopping),
        ReferenceUtility = request.ReferenceUtility,
        Metrics = assets.MetricsOf(request.Spec),
        JudgePaths = assets.Scenario.JudgePaths,
        // Of every phase: a worker that comes up for a defense measures others later.
        VerdictsFolder = assets.KeptJudge is { } judge ? assets.Verdicts!.FolderOf(judge) : null,
        OutputVerdictsFile = assets.KeptJudge is not null && request.Phase.Kind != PhaseKind.Defend ? Path.Combine(scratch, "verdicts") : null,
        ScratchFolder = scratch,
    };

    /// <summary>Which defense made the weights is nothing that an attack of a stranger may act on: their name does not reach its process.</summary>
    private Phase Hidden(Phase phase) => phase.Kind == PhaseKind.Attack && !assets.RunsOnlyHostCode(phase)
        ? phase with { Defense = new Entrant { Id = HiddenName, Label = HiddenName, ContentHash = "" }, DefendPhaseId = null }
        : phase;

    /// <summary>The result as it may be stored: of this phase, with the files that it speaks of.</summary>
    private PhaseResult Accepted(PhaseRequest request, PhaseOrder order, PhaseResult sent)
    {
        var phase = request.Phase;
        // Hashes and names are the host's to say.
        var result = sent with { WeightsHash = null, SamplesHash = null, Defense = phase.Defense.Label, Attack = phase.Attack?.Label };
        if (store.ProblemOf(request.Spec, phase, result) is { } problem)
            return Refused(phase, "TITER227",
                $"The worker's answer was refused: {problem}. Code of the plugin must leave the host's pipe and its objects alone.", sent);
        if (result.Status != PhaseStatus.Done) return result;
        return phase.Kind == PhaseKind.Defend
            ? WithWeights(phase, order.OutputWeightsFile!, result)
            : WithSamples(phase, order.OutputSamplesFile!, result with { WeightsHash = request.Defended?.WeightsHash });
    }

    private PhaseResult WithWeights(Phase phase, string file, PhaseResult result)
    {
        string problem;
        try
        {
            using var taken = folder.TakeWeights(file, _mostWeightsBytes);
            if (WeightsCheck.Compare(assets.Scenario.SubjectFolder, taken.Path) is not { } difference)
                return result with { WeightsHash = taken.Keep() };
            problem = difference;
        }
        catch (InvalidDataException e)
        {
            problem = e.Message + ".";
        }
        catch (FileNotFoundException)
        {
            problem = "the worker left no weights file.";
        }

        return Refused(phase, "TITER205",
            $"The defended weights were refused: {problem} A defense changes values only, and leaves them finite: check its learning rate and "
                + "losses.", result);
    }

    private PhaseResult WithSamples(Phase phase, string file, PhaseResult result)
    {
        string problem;
        try
        {
            var hash = folder.AdoptSamples(phase.Id, file);
            if (SampleFile.Problem(folder.SamplesFile(phase.Id, hash), result) is not { } difference) return result with { SamplesHash = hash };
            // Not set aside: it may be large, and says nothing.
            File.Delete(folder.SamplesFile(phase.Id, hash));
            problem = difference;
        }
        catch (InvalidDataException e)
        {
            problem = e.Message;
        }
        catch (FileNotFoundException)
        {
            problem = "the worker left none";
        }

        return Refused(phase, "TITER228",
            $"The answers that the scores were taken from were refused: {problem}. Code of the plugin must leave its process' files alone.", result);
    }

    private static PhaseResult Refused(Phase phase, string code, string reason, PhaseResult result)
    {
        var refused = phase.Failed(PhaseStatus.Invalid, code, reason);
        var measured = refused with { Spent = result.Spent, WallSeconds = result.WallSeconds, PeakMemoryMegabytes = result.PeakMemoryMegabytes };
        // Figures of an answer that was refused are kept where they are figures.
        return PhaseResultCheck.Problem(phase, measured) is null ? measured : refused;
    }

    private static string Coded(Exception fault) => fault is ICoded ? fault.Message
        : $"{MachineFaultException.DiskCode} {fault.Message} Make room, or mend the permissions, then start the run again.";

    private static long BytesIn(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length);
}
