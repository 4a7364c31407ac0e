/** The version of transformers that AutoTrain 0.8.36 pins. https://pypi.org/project/autotrain-advanced/ */
export const transformersVersion = 'transformers 4.48'

/** A class of transformers that AutoTrain loads a base model with. */
export type AutoClass =
  | 'AutoModelForCausalLM'
  | 'AutoModelForImageClassification'
  | 'AutoModelForObjectDetection'
  | 'AutoModelForSeq2SeqLM'
  | 'AutoModelForSequenceClassification'
  | 'AutoModelForTokenClassification'

const types = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/**
 * The model types that each class can load, by the `model_type` of a config.json. The lane `reality` compares them with
 * the real package.
 * https://github.com/huggingface/transformers/blob/v4.48.0/src/transformers/models/auto/modeling_auto.py
 */
export const modelTypes: Readonly<Record<AutoClass, ReadonlySet<string>>> = {
  AutoModelForImageClassification: types(`
  beit bit clip convnext convnextv2 cvt data2vec-vision deit dinat dinov2 dinov2_with_registers
  efficientformer efficientnet focalnet hiera ijepa imagegpt levit mobilenet_v1 mobilenet_v2 mobilevit
  mobilevitv2 nat perceiver poolformer pvt pvt_v2 regnet resnet segformer siglip swiftformer swin swinv2
  textnet timm_wrapper van vit vit_hybrid vit_msn
`),
  AutoModelForObjectDetection: types(`
  conditional_detr deformable_detr deta detr rt_detr table-transformer yolos
`),
  AutoModelForSequenceClassification: types(`
  albert bart bert big_bird bigbird_pegasus biogpt bloom camembert canine code_llama convbert ctrl
  data2vec-text deberta deberta-v2 diffllama distilbert electra ernie ernie_m esm falcon flaubert fnet
  funnel gemma gemma2 glm gpt-sw3 gpt2 gpt_bigcode gpt_neo gpt_neox gptj ibert jamba jetmoe layoutlm
  layoutlmv2 layoutlmv3 led lilt llama longformer luke markuplm mbart mega megatron-bert mistral mixtral
  mobilebert modernbert mpnet mpt mra mt5 mvp nemotron nezha nystromformer open-llama openai-gpt opt
  perceiver persimmon phi phi3 phimoe plbart qdqbert qwen2 qwen2_moe reformer rembert roberta
  roberta-prelayernorm roc_bert roformer squeezebert stablelm starcoder2 t5 tapas transfo-xl umt5 xlm
  xlm-roberta xlm-roberta-xl xlnet xmod yoso zamba
`),
  AutoModelForTokenClassification: types(`
  albert bert big_bird biogpt bloom bros camembert canine convbert data2vec-text deberta deberta-v2
  diffllama distilbert electra ernie ernie_m esm falcon flaubert fnet funnel gemma gemma2 glm gpt-sw3 gpt2
  gpt_bigcode gpt_neo gpt_neox ibert layoutlm layoutlmv2 layoutlmv3 lilt llama longformer luke markuplm
  mega megatron-bert mistral mixtral mobilebert modernbert mpnet mpt mra mt5 nemotron nezha nystromformer
  persimmon phi phi3 qdqbert qwen2 qwen2_moe rembert roberta roberta-prelayernorm roc_bert roformer
  squeezebert stablelm starcoder2 t5 umt5 xlm xlm-roberta xlm-roberta-xl xlnet xmod yoso
`),
  AutoModelForSeq2SeqLM: types(`
  bart bigbird_pegasus blenderbot blenderbot-small encoder-decoder fsmt gptsan-japanese led longt5 m2m_100
  marian mbart mt5 mvp nllb-moe pegasus pegasus_x plbart prophetnet qwen2_audio seamless_m4t
  seamless_m4t_v2 switch_transformers t5 umt5 xlm-prophetnet
`),
  AutoModelForCausalLM: types(`
  aria_text bamba bart bert bert-generation big_bird bigbird_pegasus biogpt blenderbot blenderbot-small
  bloom camembert code_llama codegen cohere cohere2 cpmant ctrl data2vec-text dbrx diffllama electra emu3
  ernie falcon falcon_mamba fuyu gemma gemma2 git glm gpt-sw3 gpt2 gpt_bigcode gpt_neo gpt_neox
  gpt_neox_japanese gptj granite granitemoe jamba jetmoe llama mamba mamba2 marian mbart mega
  megatron-bert mistral mixtral mllama moshi mpt musicgen musicgen_melody mvp nemotron olmo olmo2 olmoe
  open-llama openai-gpt opt pegasus persimmon phi phi3 phimoe plbart prophetnet qdqbert qwen2 qwen2_moe
  recurrent_gemma reformer rembert roberta roberta-prelayernorm roc_bert roformer rwkv speech_to_text_2
  stablelm starcoder2 transfo-xl trocr whisper xglm xlm xlm-prophetnet xlm-roberta xlm-roberta-xl xlnet
  xmod zamba
`),
}

/** Every model type that this version of transformers has the code of. */
export const nativeTypes: ReadonlySet<string> = types(`
  albert align altclip aria aria_text audio-spectrogram-transformer autoformer bamba bark bart beit bert
  bert-generation big_bird bigbird_pegasus biogpt bit blenderbot blenderbot-small blip blip-2 bloom
  bridgetower bros camembert canine chameleon chinese_clip chinese_clip_vision_model clap clip
  clip_text_model clip_vision_model clipseg clvp code_llama codegen cohere cohere2 colpali
  conditional_detr convbert convnext convnextv2 cpmant ctrl cvt dac data2vec-audio data2vec-text
  data2vec-vision dbrx deberta deberta-v2 decision_transformer deformable_detr deit depth_anything deta
  detr diffllama dinat dinov2 dinov2_with_registers distilbert donut-swin dpr dpt efficientformer
  efficientnet electra emu3 encodec encoder-decoder ernie ernie_m esm falcon falcon_mamba
  fastspeech2_conformer flaubert flava fnet focalnet fsmt funnel fuyu gemma gemma2 git glm glpn gpt-sw3
  gpt2 gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gptj gptsan-japanese granite granitemoe graphormer
  grounding-dino groupvit hiera hubert ibert idefics idefics2 idefics3 idefics3_vision ijepa imagegpt
  informer instructblip instructblipvideo jamba jetmoe jukebox kosmos-2 layoutlm layoutlmv2 layoutlmv3 led
  levit lilt llama llava llava_next llava_next_video llava_onevision longformer longt5 luke lxmert m2m_100
  mamba mamba2 marian markuplm mask2former maskformer maskformer-swin mbart mctct mega megatron-bert
  mgp-str mimi mistral mixtral mllama mobilebert mobilenet_v1 mobilenet_v2 mobilevit mobilevitv2
  modernbert moonshine moshi mpnet mpt mra mt5 musicgen musicgen_melody mvp nat nemotron nezha nllb-moe
  nougat nystromformer olmo olmo2 olmoe omdet-turbo oneformer open-llama openai-gpt opt owlv2 owlvit
  paligemma patchtsmixer patchtst pegasus pegasus_x perceiver persimmon phi phi3 phimoe pix2struct pixtral
  plbart poolformer pop2piano prophetnet pvt pvt_v2 qdqbert qwen2 qwen2_audio qwen2_audio_encoder
  qwen2_moe qwen2_vl rag realm recurrent_gemma reformer regnet rembert resnet retribert roberta
  roberta-prelayernorm roc_bert roformer rt_detr rt_detr_resnet rwkv sam seamless_m4t seamless_m4t_v2
  segformer seggpt sew sew-d siglip siglip_vision_model speech-encoder-decoder speech_to_text
  speech_to_text_2 speecht5 splinter squeezebert stablelm starcoder2 superpoint swiftformer swin swin2sr
  swinv2 switch_transformers t5 table-transformer tapas textnet time_series_transformer timesformer
  timm_backbone timm_wrapper trajectory_transformer transfo-xl trocr tvlt tvp udop umt5 unispeech
  unispeech-sat univnet upernet van video_llava videomae vilt vipllava vision-encoder-decoder
  vision-text-dual-encoder visual_bert vit vit_hybrid vit_mae vit_msn vitdet vitmatte vitpose
  vitpose_backbone vits vivit wav2vec2 wav2vec2-bert wav2vec2-conformer wavlm whisper xclip xglm xlm
  xlm-prophetnet xlm-roberta xlm-roberta-xl xlnet xmod yolos yoso zamba zoedepth
`)
