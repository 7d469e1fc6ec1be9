using System.Globalization;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Spectre.Console;
using Titer.Cli.Commands;
using Titer.Cli.Commands.Plugin;
using Titer.Cli.Terminal;
using Titer.Plugins;

// Numbers in reasons and reports read the same on every machine, whatever its language.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
EnduringWriter.Install();
const int PipedColumns = 10_000;

// The composition root. Nothing here loads libtorch: a native crash can only reach a worker.
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
builder.ConfigureContainer(new AutofacServiceProviderFactory(container =>
{
    // Lines that go to a file or another program are whole: only a terminal has a width.
    if (Console.IsOutputRedirected)
        AnsiConsole.Console.Profile.Width = int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns > 0
            ? columns
            : PipedColumns;
    container.RegisterInstance(AnsiConsole.Console).As<IAnsiConsole>();
    container.Register(_ => TiterHome.FromEnvironment()).SingleInstance();
    container.Register(c => new Quarantine(c.Resolve<TiterHome>().QuarantineFile)).SingleInstance();
    container.RegisterType<CommandLine>();
    container.RegisterAssemblyTypes(typeof(CommandLine).Assembly).AssignableTo<ICliCommand>().As<ICliCommand>();
    container.RegisterAssemblyTypes(typeof(CommandLine).Assembly).AssignableTo<IPluginVerb>().As<IPluginVerb>();
}));
using var host = builder.Build();
return await host.Services.GetRequiredService<CommandLine>().InvokeAsync(args);
