using Titer.Runtime.Configuration;

namespace Titer.Runtime.Tests.Configuration;

/// <summary>What is written is read as the same tournament.</summary>
public sealed class TournamentFileWriterTests
{
    [Theory]
    [InlineData("name: nightly\n")]
    [InlineData("scenario: '/models/my clinic: 2'\nseeds: [0, 7]\n")]
    [InlineData("device: cuda:1\nearly_stopping: false\naa: true\n")]
    [InlineData("budget: { attack: { steps: 160, samples: 99, tries: 4, seconds: 0.5, megabytes: 1234.5 }, defense: { steps: 400 } }\n")]
    [InlineData("defenses: [vaccine, { id: repnoise, set: { alpha: 1.0, beta: 1e-3, on: true, text: 'a: b, #c' } }]\nattacks: []\n")]
    [InlineData("attacks: [{ id: full_parameter_finetune, set: { batch_size: 8 }, sweep: { learning_rate: [1e-4, 3e-4], name: ['null', '~', '- "
        + "x'] } }]\n")]
    [InlineData("attacks: [{ id: lora_finetune, strengths: [weak, strong] }]\naggregations: { top_n: 2, utility_losses: [0.05, 0.1] }\n")]
    [InlineData("metrics: { harm: my_metric, utility: { id: other, set: { full: 0.5 } } }\n")]
    [InlineData("metrics: { also: [a, { id: b, set: { x: '1' } }] }\nbudget: { metric: { seconds: 5, megabytes: 900 } }\n")]
    [InlineData("attacks: [{ id: lora_finetune, search: { tries: 12, over: { learning_rate: { from: 1e-7, to: 1e-2 }, optimizer: [adam_w, lion], "
        + "'on': ['1'] } } }]\n")]
    [InlineData("attacks: [{ id: lora_finetune, search: {} }]\n")]
    [InlineData("defenses: [{ checkpoint: '/models/my hardened: 2', label: tar_release }]\n")]
    public void A_file_comes_back(string text)
    {
        var file = TournamentFileReader.Parse("t.yaml", text);

        var again = TournamentFileReader.Parse("t.yaml", TournamentFileWriter.Write(file));

        Assert.Equal(Text(file), Text(again));
    }

    [Fact]
    public void Plugin_folders_come_back()
    {
        var file = TournamentFile.Default with { Plugins = ["/a folder/with: colon", "/b"] };
        Assert.Equal(file.Plugins, TournamentFileReader.Parse("t.yaml", TournamentFileWriter.Write(file)).Plugins);
    }

    private static string Text(TournamentFile file) => string.Join('\n',
    [
        file.Name, file.Scenario?.Value, file.Device, $"{file.EarlyStopping} {file.IsAa}", string.Join(' ', file.Seeds ?? []),
        file.Attack.ToString(), file.Defense.ToString(),
        .. (file.Defenses ?? []).Select(Text), "attacks", .. (file.Attacks ?? []).Select(Text),
        file.Metric.ToString(), .. (file.Metrics ?? []).Select(m => $"{m.Role} {Text(new EntrantEntry { Id = m.Id, Set = m.Set })}"),
        $"{file.Aggregations?.TopN} {string.Join(' ', file.Aggregations?.UtilityLosses ?? [])}",
    ]);

    private static string Text(EntrantEntry e) =>
        $"{e.Id.Value} {e.Checkpoint?.Value} set {string.Join('|', e.Set.Select(s => $"{s.Key}={s.Value.Value}"))} sweep {
            string.Join('|', e.Sweep.Select(s => $"{s.Key}={string.Join(';', s.Value.Select(v => v.Value))}"))} "
        + string.Join('|', e.Strengths.Select(s => s.Value)) + Text(e.Search);

    private static string Text(SearchEntry? search) => search is null ? "" : $" search {search.Tries} "
        + (search.Over is null ? "" : string.Join('|',
            search.Over.Select(
                o => $"{o.Key}={string.Join(';', o.Value.Values.Select(v => v.Value))} {Number(o.Value.From)} {Number(o.Value.To)}")));

    private static double? Number(Positioned<string>? end) =>
        end is null ? null : double.Parse(end.Value, System.Globalization.CultureInfo.InvariantCulture);
}
