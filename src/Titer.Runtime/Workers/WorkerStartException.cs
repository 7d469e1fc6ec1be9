using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>No worker came up.</summary>
public sealed class WorkerStartException(string text) : MachineFaultException("TITER206", text);
