using Autofac;
using Titer.Cli.Commands;
using Titer.Cli.Commands.Plugin;
using Titer.Files;
using Titer.Plugins;

namespace Titer.Cli;

/// <summary>The command line without its console: verbs are found, not listed.</summary>
internal sealed class CommandLineModule : Module
{
    protected override void Load(ContainerBuilder builder)
    {
        builder.Register(_ => TiterHome.FromEnvironment()).SingleInstance();
        builder.Register(c => new Quarantine(c.Resolve<TiterHome>().QuarantineFile)).SingleInstance();
        builder.RegisterType<CommandLine>();
        builder.RegisterAssemblyTypes(ThisAssembly).AssignableTo<ICliCommand>().As<ICliCommand>();
        builder.RegisterAssemblyTypes(ThisAssembly).AssignableTo<IPluginVerb>().As<IPluginVerb>();
    }
}
