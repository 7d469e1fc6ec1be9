namespace Titer.Cli.Commands;

/// <summary>What the process returns; src/Titer.Cli/README.md lists them.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int SomeCellFailed = 1;
    public const int BadInput = 2;

    /// <summary>EX_SOFTWARE: a bug of the host.</summary>
    public const int HostFault = 70;

    /// <summary>EX_TEMPFAIL: the machine failed, nothing was stored for it, and the same command goes on when it is mended.</summary>
    public const int MachineFault = 75;
    public const int Interrupted = 130;

    /// <summary>A job of a cluster that was told to end.</summary>
    public const int Terminated = 143;
}
