using System.Text.Json;
using Titer.Files;
using Titer.Files.Codes;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// One metric in a process of its own, behind the walls of every worker: it sees its own folder and the text that it is asked about. Asked one
/// question at a time. Whatever it does instead of answering is a <see cref="MetricFaultException"/>; the next question meets a fresh process.
/// </summary>
internal sealed class MetricWorker(MetricOrder metric, string workerDll, WorkerProtection protection) : IAsyncDisposable
{
    /// <summary>A metric that never answered is asked so often: every phase of a tournament would wait for it.</summary>
    private const int MostFaultsBeforeAnAnswer = 3;

    /// <summary>Characters of one message; more are asked in parts.</summary>
    private const int MostCharacters = 4_000_000;

    private static readonly TimeSpan LoadDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private Running? _running;
    private MetricFaultException? _lastFault;
    private int _faults;
    private bool _hasAnswered;

    /// <inheritdoc cref="MetricWorkers.ScoreAsync"/>
    public async Task<double[]> ScoreAsync(MetricContext context, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            if (!_hasAnswered && _faults >= MostFaultsBeforeAnAnswer)
                throw new MetricFaultException(_lastFault!.Code,
                    $"{((ICoded)_lastFault).Text} It was not asked again: it never answered in {MostFaultsBeforeAnAnswer} tries.");
            var scores = new List<double>(context.Answers.Count);
            foreach (var part in Parts(context)) scores.AddRange(MetricScores.Checked(metric.Id, await AskAsync(part, stop), part.Answers.Count));
            _hasAnswered = true;
            return [.. scores];
        }
        catch (MetricFaultException e) when (_hasAnswered || _faults < MostFaultsBeforeAnAnswer)
        {
            (_lastFault, _faults) = (e, _faults + 1);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _turn.Dispose();
    }

    /// <summary>A process whose metric threw goes on; one that is late, dead, too large, or interrupted is replaced.</summary>
    private async Task<IReadOnlyList<double>?> AskAsync(ScoreMessage question, CancellationToken stop)
    {
        var isSound = false;
        try
        {
            _running ??= await StartAsync(stop);
            var answer = await AnswerAsync<ScoresMessage>(_running, question, TimeSpan.FromSeconds(metric.Limits.Seconds), stop);
            isSound = true;
            return answer.Code is { } code ? throw new MetricFaultException(code, answer.Text ?? "") : answer.Scores;
        }
        finally
        {
            if (!isSound) await EndAsync();
        }
    }

    private async Task<Running> StartAsync(CancellationToken stop)
    {
        var running = await LaunchAsync(stop);
        try
        {
            var loaded = await AnswerAsync<LoadedMessage>(running, new MetricMessage(metric, running.Scratch.Path), LoadDeadline, stop);
            return loaded is { State: PluginState.Loaded } ? running : throw Refused(loaded.Problem ?? "It was refused.");
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    private async Task<Running> LaunchAsync(CancellationToken stop)
    {
        var scratch = ScratchFolder.Create();
        try
        {
            var command = new WorkerCommand
            {
                WorkerDll = workerDll,
                ScratchFolder = scratch.Path,
                Protection = protection,
                Inputs = [Path.GetFullPath(metric.Folder)],
                MemoryMegabytes = metric.Limits.Megabytes,
            };
            var process = await WorkerProcess.StartAsync(command, stop);
            return new Running(scratch, process,
                new WorkerWatch(process.Id, new PhaseLimits { Steps = 0, WallSeconds = 1e9, MemoryMegabytes = metric.Limits.Megabytes }));
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    private MetricFaultException Refused(string problem)
    {
        var code = MessageCode.Of(problem);
        return code.Length == 0
            ? new MetricFaultException(MetricFaultException.ThrewCode, $"The metric '{metric.Id}' cannot be loaded: {problem}")
            : new MetricFaultException(code,
                $"The metric '{metric.Id}' cannot be loaded: {problem[(problem.IndexOf(code, StringComparison.Ordinal) + code.Length + 1)..]}");
    }

    /// <summary>Sends a message and waits for the answer of that kind.</summary>
    private async Task<T> AnswerAsync<T>(Running running, WireMessage message, TimeSpan patience, CancellationToken stop)
        where T : WireMessage
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, running.Memory.Exceeded);
        end.CancelAfter(patience);
        try
        {
            // A process that stopped reading would hold the writer for ever.
            await Task.Run(() => running.Process.Pipe.Write(message), CancellationToken.None).WaitAsync(end.Token);
            while (await running.Process.Pipe.ReadAsync(end.Token) is { } answer)
            {
                if (answer is T expected) return expected;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw running.Memory.Exceeded.IsCancellationRequested
                ? Ended(FormattableString.Invariant(
                    $"used more than its {metric.Limits.Megabytes:0} MB of memory. Keep less, or give it more (budget: metric: megabytes)."))
                : MetricStage.Late(metric.Id, patience.TotalSeconds);
        }
        catch (JsonException e)
        {
            throw Ended($"sent something that is not a message ({e.Message}). It must leave the host's pipe alone.");
        }
        catch (IOException)
        {
            // The process died before it took the question: the end of the pipe, judged below.
        }

        var exitCode = await running.Process.ExitCodeAsync(ExitGrace);
        var lastWords = running.Process.Output.Summary();
        throw Ended(FormattableString.Invariant($"ended its process with exit code {exitCode}. A metric must return or throw. ")
            + (lastWords.Length == 0 ? "It printed nothing." : $"It said: {lastWords}"));
    }

    private async ValueTask EndAsync()
    {
        var running = _running;
        _running = null;
        if (running is not null) await running.DisposeAsync();
    }

    private MetricFaultException Ended(string what) => new(MetricFaultException.EndedCode, $"The metric '{metric.Id}' {what}");

    /// <summary>A metric scores answer by answer, so that a long list may come in parts.</summary>
    private static IEnumerable<ScoreMessage> Parts(MetricContext context)
    {
        var from = 0;
        while (from < context.Answers.Count || from == 0)
        {
            var (to, characters) = (from, 0L);
            while (to < context.Answers.Count && (to == from || characters < MostCharacters))
            {
                characters += context.Prompts[to].Length + context.Answers[to].Length + context.References[to].Length;
                to++;
            }

            var start = from;
            string[] Part(IReadOnlyList<string> all) => [.. all.Skip(start).Take(to - start)];
            yield return new ScoreMessage(0, Part(context.Prompts), Part(context.Answers), Part(context.References));
            if (to == from) yield break;
            from = to;
        }
    }

    private sealed record Running(ScratchFolder Scratch, WorkerProcess Process, WorkerWatch Memory) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Memory.DisposeAsync();
            await Process.DisposeAsync();
            Scratch.Dispose();
        }
    }
}
