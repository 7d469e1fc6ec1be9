using System.Globalization;
using System.Runtime.InteropServices;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Titer.Plugins;
using Titer.Runtime.Authoring;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;

// Reasons and logs read the same on every machine, whatever its language and DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

if (args is [WorkerProbe.Argument, var device]) return WorkerProbe.Answer(Console.Out, device);
if (args is [WallProbe.Argument, var secret, var processes])
{
    await Console.Out.WriteLineAsync(WallProbe.Answer(secret, processes));
    return 0;
}

if (args is [Enclosure.Argument, ..])
{
    await Console.Error.WriteLineAsync(Enclosure.Enter(args));
    return 2;
}

if (args is not [var address])
{
    await Console.Error.WriteLineAsync("usage: Titer.Worker PIPE (started by titer, not by hand)");
    return 2;
}

// What a plugin prints is not the protocol; it ends up in the phase's log.
Console.SetOut(Console.Error);
// They reach the whole process group; only the supervisor decides when a phase ends.
PosixSignal[] passedBy = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
var ignored = passedBy.Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true)).ToArray();

// Not disposed: the background read would take that for the end of the supervisor.
var pipe = WirePipe.Connect(address);
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
builder.ConfigureContainer(new AutofacServiceProviderFactory(container =>
{
    container.RegisterType<PluginRoot>().SingleInstance();
    container.RegisterInstance(pipe).ExternallyOwned();
    container.RegisterType<OrderInbox>().SingleInstance();
    container.RegisterType<PipedMetrics>().As<IMetricSource>();
    container.RegisterType<WorkerPhaseHost>().As<IPhaseHost>();
    container.RegisterType<PhasePlayer>();
    container.RegisterType<WorkerSession>();
    container.RegisterType<SubjectSession>();
}));
using var host = builder.Build();

pipe.Write(new HelloMessage(WireMessage.CurrentVersion, Environment.ProcessId));
// Before it is known what for: from how a process was started nobody can tell what it is to do.
WarmUp.Do();
var root = host.Services.GetRequiredService<PluginRoot>();
var exitCode = await pipe.ReadAsync(CancellationToken.None) switch
{
    StartMessage start => await host.Services.GetRequiredService<WorkerSession>().RunAsync(start.Order),
    ValidateMessage validate => new ValidateSession(pipe, root).Run(validate),
    LoadMessage load => new LoadSession(pipe, root).Run(load),
    MetricMessage metric => await new MetricSession(pipe, root).RunAsync(metric),
    PlayMessage play => await PlayAsync(play.Order),
    (CheckScenarioMessage or BuildSubjectMessage or CheckJudgesMessage or ScoreAnswersMessage) and var subject =>
        host.Services.GetRequiredService<SubjectSession>().Run(subject),
    // The supervisor is gone, or speaks another language.
    _ => 2,
};
GC.KeepAlive(ignored);
return exitCode;

async Task<int> PlayAsync(PlayOrder order)
{
    using var session = new PlaySession(pipe, root);
    return await session.RunAsync(order);
}
