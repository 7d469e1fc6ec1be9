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

string[] modes = [PlaySupervisor.Argument, LoadCheck.Argument, ValidateSupervisor.Argument, MetricSession.Argument, SubjectSession.Argument];
if (args is not ([_] or [_, _]) || (args is [var mode, _] && !modes.Contains(mode)))
{
    await Console.Error.WriteLineAsync(
        "usage: Titer.Worker [--play | --load | --validate | --metric | --subject] PIPE (started by titer, not by hand)");
    return 2;
}

// What a plugin prints is not the protocol; it ends up in the phase's log.
Console.SetOut(Console.Error);
// They reach the whole process group; only the supervisor decides when a phase ends.
PosixSignal[] passedBy = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
var ignored = passedBy.Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true)).ToArray();

// Not disposed: the background read would take that for the end of the supervisor.
var pipe = WirePipe.Connect(args[^1]);
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

if (args[0] == LoadCheck.Argument) return await new LoadSession(pipe, host.Services.GetRequiredService<PluginRoot>()).RunAsync();
if (args[0] == PlaySupervisor.Argument)
{
    using var play = new PlaySession(pipe, host.Services.GetRequiredService<PluginRoot>());
    return await play.RunAsync();
}

if (args[0] == ValidateSupervisor.Argument) return await new ValidateSession(pipe, host.Services.GetRequiredService<PluginRoot>()).RunAsync();
if (args[0] == SubjectSession.Argument) return await host.Services.GetRequiredService<SubjectSession>().RunAsync();
if (args[0] == MetricSession.Argument) return await new MetricSession(pipe, host.Services.GetRequiredService<PluginRoot>()).RunAsync();
var exitCode = await host.Services.GetRequiredService<WorkerSession>().RunAsync();
GC.KeepAlive(ignored);
return exitCode;
