using System.Reflection;
using Autofac.Core;
using Titer.Files;
using Titer.Sdk;
using Titer.Sdk.Data;

namespace Titer.Plugins;

/// <summary>What a plugin threw, as text: an exception object of its own type would keep it in memory.</summary>
/// <param name="Kind">Full name of the exception's type.</param>
/// <param name="Message">Its message.</param>
/// <param name="Trace">The first frames of its stack.</param>
/// <param name="IsBudgetExceeded">A <see cref="BudgetExceededException"/>: for an attack a normal end.</param>
/// <param name="IsCanceled">The plugin obeyed its token.</param>
public sealed record PluginFault(string Kind, string Message, string Trace, bool IsBudgetExceeded, bool IsCanceled)
{
    /// <summary>How the runtime, libtorch on the CPU and libtorch on CUDA say it.</summary>
    private static readonly string[] OutOfMemoryWords = ["can't allocate memory", "CUDA out of memory", "CUDA error: out of memory",
        "CUBLAS_STATUS_ALLOC_FAILED", "bad_alloc", "not enough memory"];

    /// <summary>ENOSPC and EDQUOT.</summary>
    private static readonly int[] DiskFullErrors = [28, 122];

    private const string StillRunningKind = "StillRunning";
    private const int TraceFrames = 16;
    private static readonly string[] HostFrames = ["at Titer.Runtime.Phases.PluginStage.", "at Titer.Plugins.PluginLease.",
        "at Titer.Plugins.DedicatedThread."];
    private const int MostMessageCharacters = 4000;
    private const int MostNameCharacters = 400;
    private const int MostCauses = 4;

    /// <summary>Memory ran out, managed or native.</summary>
    public bool IsOutOfMemory =>
        Kind == typeof(OutOfMemoryException).FullName || OutOfMemoryWords.Any(words => Message.Contains(words, StringComparison.OrdinalIgnoreCase));

    /// <summary>It ran out on the GPU, which no budget of the phase limits.</summary>
    public bool IsOutOfGpuMemory =>
        IsOutOfMemory && (Message.Contains("CUDA", StringComparison.Ordinal) || Message.Contains("CUBLAS", StringComparison.Ordinal));

    /// <summary>The disk was full, as the system said it.</summary>
    public bool IsOutOfDisk { get; private init; }

    /// <summary>The fact and the fix when an attack asked for data that it does not declare; else null.</summary>
    public string? UndeclaredData { get; private init; }

    /// <summary>The plugin returned, and code of it runs on.</summary>
    public bool IsStillRunning => Kind == StillRunningKind;

    /// <param name="what">Runs on; for the middle of a sentence.</param>
    internal static PluginFault StillRunning(string what) => new(StillRunningKind, what, "", false, false);

    /// <summary>Its thread ended, and its method did not return.</summary>
    internal static PluginFault EndedItsThread() =>
        new("ThreadEnded", "its thread ended before its method returned; a plugin must return or throw, and leave thread and process alone", "",
            false, false);

    /// <summary>It did not come back.</summary>
    internal static PluginFault Timeout(TimeSpan deadline) =>
        new("Timeout", FormattableString.Invariant($"it did not return within {deadline.TotalSeconds:0} s"), "", false, false);

    /// <summary>It could not be made.</summary>
    /// <param name="cause">What its constructor threw; null when it was refused before.</param>
    internal static PluginFault Refusal(PluginFault? cause, PluginProblem problem) =>
        new(cause?.Kind ?? problem.Code, problem.ToString(), cause?.Trace ?? "", false, false);

    /// <summary>Kind and message.</summary>
    public override string ToString() => $"{Kind}: {Message}";

    internal static PluginFault Of(Exception exception)
    {
        exception = Cause(exception);
        var type = PublicType(exception);
        return new PluginFault(
            VisibleText.OnOneLine(type.FullName ?? type.Name, MostNameCharacters),
            VisibleText.Of(WithCauses(exception), MostMessageCharacters), VisibleText.Of(Read(() => Frames(exception)), MostMessageCharacters),
            exception is BudgetExceededException, exception is OperationCanceledException)
        {
            IsOutOfDisk = exception is IOException && DiskFullErrors.Contains(exception.HResult),
            UndeclaredData = (exception as UndeclaredDataException)?.Text,
        };
    }

    /// <summary>The type as an author knows it: of the SDK's internal ones, their base.</summary>
    private static Type PublicType(Exception exception)
    {
        var type = exception.GetType();
        while (!type.IsVisible && type.Assembly == typeof(UndeclaredDataException).Assembly && type.BaseType is { } known) type = known;
        return type;
    }

    /// <summary>The exception under the wrappers of the container and of reflection.</summary>
    internal static Exception Cause(Exception exception)
    {
        while (exception is DependencyResolutionException or TargetInvocationException && exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }

    // Message and StackTrace are virtual: a plugin's override may throw in its turn.
    private static string Read(Func<string?> property)
    {
        try
        {
            return property() ?? "";
        }
        catch (Exception e)
        {
            return $"(unreadable: {e.GetType().Name})";
        }
    }

    /// <summary>The message, and those of the exceptions under it that it does not quote: "The type initializer
    /// for 'Table' threw an exception." says nothing.</summary>
    private static string WithCauses(Exception exception)
    {
        var text = Read(() => exception.Message);
        var cause = exception.InnerException;
        for (var i = 0; i < MostCauses && cause is not null; i++, cause = cause.InnerException)
        {
            var message = Read(() => cause.Message);
            if (!text.Contains(message, StringComparison.Ordinal)) text = $"{text} Caused by {cause.GetType().FullName}: {message}";
        }

        return text;
    }

    /// <summary>From where it was thrown to the plugin's entry; the host's own frames below that tell its author nothing.</summary>
    private static string Frames(Exception exception) =>
        string.Join('\n', (exception.StackTrace ?? "").Split('\n').Select(line => line.Trim())
            .TakeWhile(line => !HostFrames.Any(f => line.StartsWith(f, StringComparison.Ordinal))).Take(TraceFrames));
}
