using System.CommandLine;

namespace Titer.Cli.Commands.Plugin;

/// <summary>One verb under <c>titer plugin</c>.</summary>
internal interface IPluginVerb
{
    Command Build();
}
