using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Titer.Runtime.Configuration;
using Titer.Runtime.Tournaments;

namespace Titer.Cli.Terminal;

/// <summary>
/// Sends traces and metrics of a run to a collector, by OpenTelemetry's own variables: off unless <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one. A
/// collector that is not there costs the figures, never the run.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "titer";
    private const int MostFlushMilliseconds = 5000;

    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private Telemetry(TracerProvider traces, MeterProvider metrics) => (_traces, _metrics) = (traces, metrics);

    /// <summary>Null where nobody asked for it.</summary>
    /// <exception cref="ConfigurationException">The variable is no address.</exception>
    public static Telemetry? Open(string version)
    {
        if (Environment.GetEnvironmentVariable(Endpoint) is not { Length: > 0 } endpoint) return null;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new ConfigurationException($"TITER258 {Endpoint} is '{endpoint}', which is no address of a collector. Write it as "
                + "http://localhost:4317, or take the variable away.");
        var resource = ResourceBuilder.CreateDefault().AddService(ServiceName, serviceVersion: version);
        return new Telemetry(
            OpenTelemetry.Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(TelemetryRun.SourceName).AddOtlpExporter()
                .Build(),
            OpenTelemetry.Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(TelemetryRun.SourceName).AddOtlpExporter()
                .Build());
    }

    public void Dispose()
    {
        // A collector that hangs must not hold the leaderboard back for ever.
        _traces.ForceFlush(MostFlushMilliseconds);
        _metrics.ForceFlush(MostFlushMilliseconds);
        _traces.Dispose();
        _metrics.Dispose();
    }
}
