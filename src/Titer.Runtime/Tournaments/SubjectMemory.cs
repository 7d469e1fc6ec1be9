using System.Globalization;
using Titer.Models;
using Titer.Models.Memory;
using Titer.Models.Native;
using Titer.Runtime.Configuration;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// What every phase of a tournament takes of the device that it is played on, before anything is loaded: <see cref="LaneMemory"/> of each entrant
/// and of the host's own fine-tune, the largest first. What a stranger's plugin keeps beside what its options say is not known.
/// </summary>
internal sealed class SubjectMemory
{
    private readonly SubjectSizes _sizes;
    private readonly TrainingSetting _rows;
    private readonly double _answers;
    private readonly double _judge;

    private SubjectMemory(TournamentSpec spec, SubjectSizes sizes)
    {
        _sizes = sizes;
        var lengths = sizes.Lengths;
        _rows = new TrainingSetting(sizes.WeightBytes, sizes.Trainability.BatchSize, lengths.Trained, lengths.Answered);
        _answers = AnsweringMemory.Of(sizes.Model, sizes.WeightBytes, Math.Max(SubjectSizes.FewestAsked, (lengths.Prompts + 1) / 2), lengths.Asked,
            sizes.NewTokens).Total;
        // One text at a time, with what is forced behind it.
        _judge = sizes.Judges.Sum(j => Model(j.Model) + AnsweringMemory.Of(j.Model, sizes.WeightBytes, 1, j.MaxLength, 0).Total);
        Entrants = spec.Attacks.Concat(spec.Defenses).ToDictionary(e => e.Label);
        Lanes =
        [
            .. Entrants.Values.Select(OfEntrant)
                .Append(FineTune(sizes.Trainability.Rank))
                .OrderByDescending(lane => lane.Total),
        ];
    }

    /// <summary>The largest first.</summary>
    public IReadOnlyList<LaneMemory> Lanes { get; }

    private Dictionary<string, Entrant> Entrants { get; }

    /// <exception cref="Titer.Models.Checkpoints.CheckpointException">The configuration of subject or judge cannot be read.</exception>
    public static SubjectMemory Of(ResolvedTournament tournament) =>
        Of(tournament.Spec, SubjectSizes.Of(tournament.Assets.Scenario, tournament.Spec.Device));

    public static SubjectMemory Of(TournamentSpec spec, SubjectSizes sizes) => new(spec, sizes);

    /// <summary>What does not fit into a lane's part of the device: the phase, what it takes, and the setting that would fit, a line each.</summary>
    /// <param name="deviceBytes">Of one device; lanes on a CPU share it.</param>
    public IEnumerable<string> Problems(double deviceBytes, int sharing)
    {
        var room = deviceBytes / sharing;
        foreach (var lane in Lanes.Where(lane => lane.Total > room))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"TITER587 {lane.Who} needs about {Gigabytes(lane.Total)} GB ({Parts(lane)}), and a lane has {
                Gigabytes(room)} GB. {Fix(lane, room, deviceBytes, sharing)}");
        }
    }

    /// <summary>What a device of this machine has; null where nobody can say.</summary>
    public static double? DeviceMegabytes(string device) => device == "cpu" ? SystemMemory.FreeMegabytes()
        : CudaDriver.Memory(DeviceSelection.IndexOf(device))?.TotalBytes / 1e6;

    /// <summary>What a lane is made of.</summary>
    public static string Parts(LaneMemory lane) =>
        string.Create(CultureInfo.InvariantCulture, $"weights {Gigabytes(lane.Training.Weights)}, gradients {
        Gigabytes(lane.Training.Gradients)}, optimizer {Gigabytes(lane.Training.Optimizer)}, activations {
        Gigabytes(lane.Training.Activations)}, answers with their cache {Gigabytes(lane.Answers)}, judge {Gigabytes(lane.Judge)}{
        (lane.Second > 0 ? $", the process that measures {Gigabytes(lane.Second)}" : "")}");

    private static string Gigabytes(double bytes) => (bytes / 1e9).ToString(bytes < 1e10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    /// <summary>Weights, and the room for their gradients that every model has.</summary>
    private double Model(ModelDimensions model) => 2.0 * model.Parameters * _sizes.WeightBytes;

    private LaneMemory OfEntrant(Entrant entrant)
    {
        var isForeign = entrant.IsForeign || entrant.Origin is not null;
        var lanes = (Entrant[])[entrant, .. entrant.Then is { } then ? [then] : Array.Empty<Entrant>()];
        return lanes.Select(e => Lane(entrant.Label, TrainingOptions.Of(e.Settings, _rows), isForeign)).MaxBy(lane => lane.Total)!;
    }

    private LaneMemory Lane(string who, TrainingSetting? setting, bool isForeign)
    {
        // Who trains nothing still has the model, with room for its gradients.
        var weights = (double)_sizes.Model.Parameters * _sizes.WeightBytes;
        var training = setting is null ? new TrainingMemory(weights, Model(_sizes.Model) - weights, 0, 0) : TrainingMemory.Of(_sizes.Model, setting);
        var second = isForeign ? Model(_sizes.Model) + DeviceAllocator.Passing(_answers, _sizes.IsGpu) : 0;
        return new LaneMemory(who, training, _answers, _judge, second, _sizes.IsGpu);
    }

    /// <summary>The host's own fine-tune. Several of them start from a copy of the weights.</summary>
    private LaneMemory FineTune(int? rank)
    {
        var lane = Lane("trainability (the host's own fine-tune)", _rows with { Rank = rank }, isForeign: false);
        return _sizes.Trainability.IsOneFineTune ? lane : lane with
        {
            Training = lane.Training with { Weights = 2 * lane.Training.Weights },
        };
    }

    /// <summary>The first of the settings that a phase has under which it fits; else that nothing here does.</summary>
    private string Fix(LaneMemory lane, double room, double deviceBytes, int sharing)
    {
        if (sharing > 1 && lane.Total <= deviceBytes) return "Play fewer phases at the same time: --lanes 1.";
        if (!Entrants.TryGetValue(lane.Who, out var entrant))
        {
            var adapted = FineTune(8);
            return adapted.Total <= room
                ? $"Set trainability: {{ rank: 8 }} in the scenario, which takes {Gigabytes(adapted.Total)} GB."
                : "Set a smaller trainability.batch_size or shorter rows (data.max_length) in the scenario, or take a device with more memory.";
        }

        var settings = entrant.Settings;
        var tried = new List<string>();
        foreach (var (option, value) in new[] { ("recompute_activations", "true"), ("optimizer", "Adafactor"),
            ("low_precision", "StochasticRounding"),
            ("batch_size", "1") })
        {
            if (!settings.TryGetValue(option, out var now) || now == value) continue;
            settings = settings.SetItem(option, value);
            tried.Add($"{option}: {value}");
            var other = OfEntrant(entrant with { Settings = settings });
            if (other.Total <= room) return $"Set {{ {string.Join(", ", tried)} }}, which takes {Gigabytes(other.Total)} GB.";
        }

        return lane.Judge > 0 && lane.Total - lane.Judge <= room
            ? "Take a smaller judge."
            : "None of its settings fits: enter one that trains low-rank factors (lora_finetune), or what was trained elsewhere (checkpoint:), "
                + "or take a device with more memory.";
    }
}
