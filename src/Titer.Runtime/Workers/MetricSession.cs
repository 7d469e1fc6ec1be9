using Titer.Files.Codes;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Sdk;

namespace Titer.Runtime.Workers;

/// <summary>
/// The worker of one metric: loads it, then answers question after question until the supervisor ends the process. It sees text, and no model.
/// </summary>
internal sealed class MetricSession(WirePipe pipe, PluginRoot root)
{
    /// <summary>The process' exit code.</summary>
    public async Task<int> RunAsync(MetricMessage order)
    {
        ArgumentNullException.ThrowIfNull(order);
        MetricStage metric;
        try
        {
            // A metric may compute with tensors of its own.
            NativeTorch.EnsureLoaded();
            metric = MetricStage.Open(root, order.Metric, order.ScratchFolder);
        }
        catch (Exception e) when (e is ICoded)
        {
            pipe.Write(new LoadedMessage(order.Metric.Folder, PluginState.Refused, e.Message));
            return 1;
        }

        using var loaded = metric;
        pipe.Write(new LoadedMessage(order.Metric.Folder, PluginState.Loaded, null));
        while (await pipe.ReadAsync(CancellationToken.None) is { } message)
        {
            if (message is ScoreMessage question) pipe.Write(Answer(metric, question));
        }

        return 0;
    }

    private static ScoresMessage Answer(MetricStage metric, ScoreMessage question)
    {
        try
        {
            return new ScoresMessage(metric.Score(new MetricContext(question.Prompts, question.Answers, question.References)));
        }
        catch (MetricFaultException e)
        {
            return new ScoresMessage(null, e.Code, ((ICoded)e).Text);
        }
    }
}
