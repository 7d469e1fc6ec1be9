using System.CommandLine;

namespace Titer.Cli.Commands;

/// <summary>One verb of the command line.</summary>
internal interface ICliCommand
{
    Command Build();
}

/// <summary>What the process returns (DESIGN section 6).</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int SomeCellFailed = 1;
    public const int BadInput = 2;

    /// <summary>EX_SOFTWARE: a bug of the host.</summary>
    public const int HostFault = 70;
    public const int Interrupted = 130;
}
