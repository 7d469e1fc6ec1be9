using Titer.League.Submissions;
using Titer.Plugins;
using Titer.Plugins.Trust;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;

namespace Titer.League;

/// <summary>What a league gets from the program that serves it.</summary>
internal sealed record LeagueHost
{
    /// <summary>A part of every phase's id.</summary>
    public required string Version { get; init; }

    /// <summary>Folder of the plugins that came with the host.</summary>
    public required string BundledPlugins { get; init; }

    public required string WorkerDll { get; init; }

    public required WorkerProtection Protection { get; init; }

    /// <summary>What results are sealed with.</summary>
    public required ResultKey Key { get; init; }

    public required Quarantine Quarantine { get; init; }

    /// <summary>Whose plugins are accepted; null accepts everybody's.</summary>
    public PluginPolicy? Policy { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    /// <summary>In place of the file's; null leaves it to the file, or to the machine.</summary>
    public int? Lanes { get; init; }

    /// <summary>Takes a line for whoever looks on.</summary>
    public required Action<string> Say { get; init; }

    /// <summary>Opens what shows the results while they are played, given their folder, and where uploads go (null: nowhere); it is closed with the
    /// league. Null shows nothing.</summary>
    public Func<string, SubmissionInbox?, Task<IAsyncDisposable>>? Show { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
