using System.Globalization;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Spectre.Console;
using Titer.Cli;
using Titer.Cli.Commands;
using Titer.Cli.Terminal;

// Numbers in reasons and reports read the same on every machine, whatever its language.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
EnduringWriter.Install();

// The composition root. Nothing here loads libtorch: a native crash can only reach a worker.
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
builder.ConfigureContainer(new AutofacServiceProviderFactory(container =>
{
    PipedOutput.Widen(AnsiConsole.Console);
    container.RegisterInstance(AnsiConsole.Console).As<IAnsiConsole>();
    container.RegisterModule<CommandLineModule>();
}));
using var host = builder.Build();
return await host.Services.GetRequiredService<CommandLine>().InvokeAsync(args);
