namespace Titer.Files.Codes;

/// <summary>
/// Every code that Titer says, once. The first digit tells the area, the second one its part. A new code is one entry in the list of its area,
/// with the next free number of its part; tests demand that the sources say it, in the rooms that it names and in no other, and that a test
/// names it. Numbers of codes that are gone stay unused: 234, 501, 502, 553, 602 and 603.
/// <list type="bullet">
/// <item>100-179: a plugin's folder, its manifest, its loading, its options, advice on its code, and packages</item>
/// <item>180-187: signatures of plugins, and an operator's policy on them</item>
/// <item>201-239: what ends a phase, what is stored of it, and faults of the machine</item>
/// <item>250-259 and 666-669: engines, jobs of a cluster, what a run needs</item>
/// <item>301-311: what the SDK refuses of the plugin that calls it</item>
/// <item>400-409 and 425: torch's native library and the devices</item>
/// <item>410-431: files of a checkpoint, adapters, and generation</item>
/// <item>460-475: tokenizers</item>
/// <item>503-514 and 540-543: a scenario's file, its subject, YAML</item>
/// <item>520-539: chat formats, and data files and their rows</item>
/// <item>550-567: metrics of text, and the judge model</item>
/// <item>260-269, 432-459, 570-599, 630-639: real subjects, and what enters without a plugin</item>
/// <item>601-649: tournament files, options of the command line, results folders</item>
/// <item>656-661: what an installation carries</item>
/// <item>666-669: clusters</item>
/// <item>670-675: the page of a results folder</item>
/// <item>680-699: leagues</item>
/// <item>701-705: cells that have no score, columns that do not count</item>
/// <item>706-739: seasons of a league, and what is handed in</item>
/// <item>801-828: the checks of 'titer plugin validate'</item>
/// <item>900: Titer itself</item>
/// </list>
/// </summary>
public static class CodePage
{
    /// <summary>By number.</summary>
    public static IReadOnlyList<TiterCode> All { get; } = [.. Gathered().OrderBy(code => code.Code, StringComparer.Ordinal)];

    /// <summary>Null when there is none. Also as <c>218</c> and <c>titer218</c>.</summary>
    public static TiterCode? Find(string code) => All.FirstOrDefault(known => known.Code == Canonical(code));

    /// <summary>As it is written in messages: <c>TITER218</c> of <c>218</c>.</summary>
    public static string Canonical(string code) => code.Length > 0 && code.All(char.IsAsciiDigit) ? $"TITER{code}" : code.ToUpperInvariant();

    private static TiterCode[] Gathered() =>
    [
        .. PluginCodes.All, .. PlayCodes.All, .. SdkCodes.All,
        .. TorchCodes.All, .. CheckpointCodes.All, .. TokenizerCodes.All,
        .. ScenarioCodes.All, .. DataCodes.All, .. MetricCodes.All, .. ConfigurationCodes.All, .. InstallCodes.All,
        .. SubjectCodes.All, .. PageCodes.All, .. LeagueCodes.All, .. SeasonCodes.All,
        .. ScoreCodes.All, .. ConformanceCodes.All, .. HostCodes.All, .. ClusterCodes.All,
    ];
}
