using Titer.Models.Llama;
using Titer.Sdk.Training;

namespace Titer.Scenarios.Apothecary;

/// <summary>How large a subject of the synthetic language is, and how long it is trained.</summary>
internal sealed record SubjectRecipe(LlamaConfig Config, FineTunerOptions Pretraining, FineTunerOptions Alignment);
