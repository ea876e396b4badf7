"""One use of everything that a reward program may call.

In them x and y are (N, 2), v (N, 3), a and b (N,), p (N,) in (0, 1), m (N,) bool, k (N,) 0 or 1.
"""

from __future__ import annotations


def listed(text: str) -> list[str]:
    return text.split()


SETUP = """
def compute_reward(dof_pos, dof_vel):
    x, y = dof_pos, dof_vel
    v = torch.stack([x[:, 0], x[:, 1], y[:, 0]], dim=-1)
    a, b = x[:, 1], y[:, 0]
    p = torch.sigmoid(a)
    m = a > 0.0
    k = m.long()
    results = [EXPRESSIONS]
    sums = {str(i): torch.as_tensor(r).float().nan_to_num().sum() for i, r in enumerate(results)}
    return a, sums
"""

CALLS = listed(
    """
    abs(a) absolute(a) acos(p) acosh(p+1) add(a,b) addcdiv(a,b,p) addcmul(a,b,p) all(m) amax(x,-1)
    amin(x,-1) aminmax(x,dim=1)[0] any(m) arccos(p) arccosh(p+1) arcsin(p) arcsinh(a) arctan(a) arctan2(a,b)
    arctanh(p) argmax(x,1) argmin(x,1) argsort(x,1) asin(p) asinh(a) atan(a) atan2(a,b) atanh(p)
    bitwise_and(k,k) bitwise_not(m) bitwise_or(k,k) bitwise_xor(k,k) bmm(x[:,None],x[:,:,None])
    broadcast_to(a[0],(3,)) bucketize(a,torch.tensor([-1.0,0.0])) ceil(a) chunk(x,2,-1)[1] clamp(a,-1,1)
    clamp_max(a,1) clamp_min(a,0) clip(a,min=-0.5) clone(a) copysign(a,b) cos(a) cosh(a) count_nonzero(m)
    cross(v,v,dim=-1) cummax(a,0)[0] cummin(a,0)[0] cumprod(p,0) cumsum(a,0) deg2rad(a) det(x.T@x)
    diag(x.T@x) diag_embed(x) diagonal(x,0) diff(x,dim=1) dist(x,y) div(a,p,rounding_mode="floor")
    divide(a,p) dot(a,b) eq(a,b) erf(a) erfc(a) exp(a) exp2(a) expm1(a) flatten(x,0) flip(x,[1])
    float_power(a,2) floor(a) floor_divide(a,p) fmax(a,b) fmin(a,b) fmod(a,p) frac(a) gather(x,1,k[:,None])
    ge(a,b) greater(a,b) greater_equal(a,b) gt(a,b) heaviside(a,b) hypot(a,b) index_add(a,0,k,b)
    index_fill(x,1,k[:1],2.0) index_select(x,1,k[:1]) inner(x,y) isclose(a,b) isfinite(a) isinf(a) isnan(a)
    le(a,b) lerp(a,b,0.5) less(a,b) less_equal(a,b) log(p) log10(p) log1p(p) log2(p) log_softmax(x,-1)
    logaddexp(a,b) logical_and(m,m) logical_not(m) logical_or(m,m) logical_xor(m,m) logit(p) logsumexp(x,-1)
    lt(a,b) masked_fill(a,m,0.0) masked_select(a,m) matmul(x,y.T) max(x,dim=-1)[0] maximum(a,b)
    mean(x,dim=-1) median(x,dim=-1)[0] min(x,dim=-1).values minimum(a,b) mm(x,y.T) moveaxis(x,0,1)
    movedim(x,0,1) mul(a,b) multiply(a,b) mv(x,x[0]) nan_to_num(a) nanmean(a) nansum(a) narrow(x,1,0,1)
    ne(a,b) neg(a) negative(a) nonzero(m) norm(x,dim=-1) not_equal(a,b) numel(a) outer(a,b) permute(x,(1,0))
    positive(a) pow(a,2) prod(x,dim=-1) quantile(a,0.5) rad2deg(a) ravel(x) reciprocal(p) relu(a)
    remainder(a,p) repeat_interleave(a,2) reshape(x,(-1,)) roll(a,1) round(a) rsqrt(p)
    scatter(x,1,k[:,None],2.0) scatter_add(x,1,k[:,None],y) select(x,1,0) selu(a) sgn(a) sigmoid(a) sign(a)
    signbit(a) sin(a) sinc(a) sinh(a) softmax(x,-1) sort(x,-1)[0] split(x,1,dim=1)[0] sqrt(p) square(a)
    squeeze(a[:,None],1) std(x,dim=-1) sub(a,b) subtract(a,b) sum(x,dim=-1) swapaxes(x,0,1) swapdims(x,0,1)
    take_along_dim(x,k[:,None],1) tan(p) tanh(a) tile(a,(2,)) topk(x,1,-1)[0] transpose(x,0,1) tril(x)
    triu(x) true_divide(a,p) trunc(a) unbind(x,-1)[0] unflatten(x,1,(2,1)) unsqueeze(a,-1) var(x,dim=-1)
    vdot(a,b) where(m,a,-1.0) xlogy(p,p) Tensor([1.0,2.0]) Size([2]).numel() arange(3) as_tensor(a)
    atleast_1d(a) broadcast_tensors(a,b)[0] cat([a,b]) cdist(x,y) celu(a) column_stack([a,b]) concat([a,b])
    concatenate([a,b]) device(a.device).type=="x" dstack([a,b]) einsum("ij,ij->i",x,y) eye(3)
    finfo(torch.float32).eps full((3,),2.0) full_like(a,1.0) hstack([a,b]) inf==0.0 is_tensor(a)
    linspace(0,1,5) logspace(0,1,5) meshgrid(a[:3],b[:3],indexing="ij")[0] nan==0.0 ones(3) ones_like(a) pi
    scalar_tensor(1.0) searchsorted(torch.tensor([-1.0,0.0]),a) stack([a,b]) std_mean(x,dim=-1)[0]
    tensor([1.0,2.0]) tensordot(a,b,1) trapz(a) trapezoid(a) var_mean(x,dim=-1)[1] vstack([a,b]) zeros(3)
    zeros_like(a) linalg.cross(v,v) linalg.det(x.T@x) linalg.inv(x.T@x+torch.eye(2)) linalg.matrix_norm(x)
    linalg.multi_dot([x,x.T,x]) linalg.norm(x,dim=-1) linalg.vecdot(x,y) linalg.vector_norm(x,dim=-1)
    nn.functional.cosine_similarity(x,y) nn.functional.elu(a) nn.functional.gelu(a)
    nn.functional.hardsigmoid(a) nn.functional.hardtanh(a) nn.functional.huber_loss(a,b,reduction="none")
    nn.functional.l1_loss(a,b,reduction="none") nn.functional.leaky_relu(a)
    nn.functional.log_softmax(x,dim=-1) nn.functional.logsigmoid(a)
    nn.functional.mse_loss(a,b,reduction="none") nn.functional.normalize(x,dim=-1)
    nn.functional.pad(x,(1,1)) nn.functional.pairwise_distance(x,y) nn.functional.relu(a)
    nn.functional.relu6(a) nn.functional.selu(a) nn.functional.sigmoid(a) nn.functional.silu(a)
    nn.functional.smooth_l1_loss(a,b,reduction="none") nn.functional.softmax(x,dim=-1)
    nn.functional.softmin(x,dim=-1) nn.functional.softplus(a) nn.functional.softsign(a)
    nn.functional.tanh(a) nn.functional.tanhshrink(a) addmv(a[:2],x.T@x,b[:2]) addmm(x.T@x,x.T,y)
    addbmm(x.T@x,x[:,:,None],y[:,None]) baddbmm(x[:,:,None],x[:,:,None],y[:,:1,None]) conj(a) fliplr(x)
    flipud(x) hsplit(x,2)[0] vsplit(x,2)[0] tensor_split(x,2,dim=1)[0] kthvalue(x,1)[0]
    nanmedian(x,dim=-1)[0] nanquantile(a,0.5) msort(x) isreal(a) isposinf(a) isneginf(a) ldexp(a,k)
    logcumsumexp(a,0) logaddexp2(a,b) erfinv(p) lgamma(p) matrix_power(x.T@x,2) mode(x,1)[0] trace(x.T@x)
    t(x) index_copy(x,0,torch.arange(2),y[:2]) slice_scatter(x,y[:2],0,0,2) select_scatter(x,a,1,0)
    diagonal_scatter(x,y[0],0) rot90(x) kron(x[:2],y[:2]) argwhere(m) resolve_conj(a) adjoint(x)
    conj_physical(a) atleast_2d(a) atleast_3d(a) block_diag(x,y) broadcast_shapes((2,),(1,))[0]
    cartesian_prod(a[:2],b[:2]) cosine_similarity(x,y) cumulative_trapezoid(a) e
    get_default_dtype()==torch.float32 hardshrink(a) iinfo(torch.int32).max is_floating_point(a)
    isin(k,torch.tensor([1])) pairwise_distance(x,y) real(a) row_stack([a,b]) threshold(a,0.1,0.0)
    is_complex(a) nn.functional.celu(a) nn.functional.hardshrink(a) nn.functional.hardswish(a)
    nn.functional.mish(a) nn.functional.pdist(x) nn.functional.softshrink(a)
    nn.functional.threshold(a,0.1,0.0) nn.functional.binary_cross_entropy(p,p,reduction="none")
    nn.functional.kl_div(a,p,reduction="none") nn.functional.linear(x,y[:2]) linalg.diagonal(x.T@x)
    linalg.eigvalsh(x.T@x) linalg.matmul(x,y.T) linalg.matrix_power(x.T@x,2)
    linalg.slogdet(x.T@x+torch.eye(2))[1] linalg.solve(x.T@x+torch.eye(2),y[0]) linalg.svdvals(x)
    """
)
"""Calls of functions of torch, without blanks."""

ATTRIBUTES = listed(
    """
    x.T x.mT x.contiguous() x.clone().copy_(y) a.detach() a.dim() a[None].expand(2,-1) a.expand_as(x.T)
    a.index_put((k,),b) a.is_floating_point() a.masked_scatter(m,b) x.ndim x.nelement() a.new_full((2,),1.0)
    a.new_ones(2) a.new_tensor([1.0]) a.new_zeros(2) a.repeat(2) x.reshape_as(y) x.shape[1] x.size(1)
    a.to(torch.float64) a.to(a.device) a.type(torch.float64) a.type_as(k) x.view(-1) x.view_as(y) a.double()
    a.float() a.long() a.int() a.short() a.bool() a.half() a.bfloat16() torch.finfo(a.dtype).tiny
    x.t() x.mH a.real a.conj() a.cpu() a.cuda() x.cpu().detach().float().contiguous() a.is_cuda
    a.is_complex() x.is_contiguous() x.stride()[0] x.sum_to_size((8,1)) a.unfold(0,2,2) a.to("cuda:0")
    a.to(device="cpu")
    """
)
"""Attributes and methods of tensors that torch has no function for, or that read differently."""

IN_PLACE = listed(
    """
    abs_() add_(b) addcdiv_(b,p) addcmul_(b,p) ceil_() clamp_(-1,1) clamp_max_(1.0) clamp_min_(0.0) copy_(b)
    cos_() div_(p) exp_() fill_(1.0) floor_() fmod_(p) index_add_(0,k,b) index_fill_(0,k,1.0)
    index_put_((k,),b) log_() logical_and_(b) logical_not_() logical_or_(b) masked_fill_(m,1.0) mul_(b)
    nan_to_num_() neg_() pow_(2) reciprocal_() relu_() remainder_(p) round_() rsqrt_() scatter_(0,k,b)
    scatter_add_(0,k,b) sigmoid_() sign_() sin_() sqrt_() sub_(b) tan_() tanh_() trunc_() zero_() acos_()
    asin_() atan_() atan2_(b) copysign_(b) cosh_() deg2rad_() eq_(b) erf_() exp2_() expm1_()
    floor_divide_(p) frac_() ge_(b) gt_(b) heaviside_(b) hypot_(b) index_copy_(0,torch.arange(2),b[:2])
    le_(b) lerp_(b,0.5) log10_() log1p_() log2_() logical_xor_(b) logit_() lt_(b) masked_scatter_(m,b)
    ne_(b) rad2deg_() sinh_() squeeze_() unsqueeze_(0) xlogy_(p) cumsum_(0)
    """
)
"""In-place methods, to be called on a tensor of the program's own."""

EXPRESSIONS = [
    *(f"torch.{call}" for call in CALLS),
    *ATTRIBUTES,
    *(f"a.clone().{call}" for call in IN_PLACE),
]
