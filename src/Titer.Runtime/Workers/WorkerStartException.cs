using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>No worker came up.</summary>
internal sealed class WorkerStartException(string text) : MachineFaultException("TITER206", text);
