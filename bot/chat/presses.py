"""Presses that buy, give back and show: each is checked again, whatever its button promises."""

from bot.chat import keyboards, texts, toasts
from bot.chat.buttons import (
    CancelNumber,
    Confirm,
    PickOffer,
    RefreshNumbers,
    Reveal,
    ShowCountries,
    ShowMenu,
)
from bot.chat.desk import Context, Desk, desk_of
from bot.chat.entrance import counts_as_admin, refusal_here
from bot.chat.handlers import pressed_by_its_owner
from bot.chat.message import Message
from bot.chat.pages import menu_of, numbers_of
from bot.chat.policy_texts import not_allowed, passes
from bot.chat.replies import Press
from bot.chat.scene import ANONYMOUS
from bot.domain.activation import CloseReason, Quote
from bot.workflows.cancel import Cancelling, NotCancellable
from bot.workflows.confirmation import (
    Confirmation,
    NotAllowed,
    NotYours,
    OfferGone,
    PriceRose,
    PriceUnknown,
    QuoteGone,
    Replayed,
    Started,
)
from bot.workflows.overview import View
from bot.workflows.ports import Buyer


async def confirm(press: Press, desk: Desk, button: Confirm) -> bool:
    """Buy what a quote offers; tell whether the quote is used up, now or before."""
    scene = press.scene
    quote = await desk.purchases.quoted(button.quote_id)
    if quote is None or quote.chat_id != scene.chat.id:
        await press.alert(toasts.button_gone())
        return False
    if not await press.is_by(ANONYMOUS if quote.user_id is None else quote.user_id):
        await press.alert(toasts.not_yours())
        return False
    rules = await desk.governance.rules_of(scene.chat.id)
    is_admin = rules is not None and await counts_as_admin(desk, scene, rules)
    buyer = Buyer(scene.user.id, scene.chat.id, is_admin)
    buying = desk.purchases.confirm(quote.id, buyer, press.message_id)
    outcome = await press.patiently(buying, toasts.one_moment())
    await _tell(press, desk, quote, outcome)
    return isinstance(outcome, Started | Replayed)


async def cancel(press: Press, context: Context, button: CancelNumber) -> None:
    """Give a number back: its buyer may, and an admin of the group that it was bought in."""
    desk, scene = desk_of(context), press.scene
    view = await desk.overview.view(button.activation_id)
    reason = CloseReason.BUYER
    if view is not None and view.activation.user_id != scene.user.id:
        reason = CloseReason.ADMIN
        if scene.is_private or not await press.is_by(ANONYMOUS):
            await press.alert(toasts.number_gone())
            return
    answer = await desk.cancellations.request(
        button.activation_id, scene.user.id, scene.chat.id, reason
    )
    match answer:
        case Cancelling():
            await press.answer(toasts.cancelling(answer, desk.clock.now()))
        case NotCancellable(activation=activation):
            await press.alert(toasts.not_cancellable(activation))
        case _:
            await press.alert(toasts.number_gone())


async def reveal(press: Press, context: Context, button: Reveal) -> None:
    """Show a code to its buyer alone."""
    view = await _own(press, context, button.activation_id)
    if view is None:
        return
    codes = [code.text for code in view.codes if code.id == button.code_id]
    await press.alert(toasts.code(codes[0]) if codes else toasts.code_erased())


@pressed_by_its_owner
async def show_numbers(press: Press, context: Context, _: RefreshNumbers) -> None:
    """Show the open numbers as they stand now."""
    await press.answer()
    await press.edit(await numbers_of(press.scene, desk_of(context)))


@pressed_by_its_owner
async def show_menu(press: Press, context: Context, _: ShowMenu) -> None:
    """Show what `/start` shows."""
    desk = desk_of(context)
    refusal = await refusal_here(desk, press.scene)
    await press.show(await menu_of(press.scene, desk, refusal))


async def _own(press: Press, context: Context, activation_id: int) -> View | None:
    """Give a number to its buyer; anybody else is refused, and nothing is told."""
    view = await desk_of(context).overview.view(activation_id)
    if view is None or view.activation.user_id != press.scene.user.id:
        await press.alert(toasts.code_not_yours())
        return None
    return view


async def _tell(press: Press, desk: Desk, quote: Quote, outcome: Confirmation) -> None:
    """Say how a confirmation went. The card itself is the outbox's."""
    match outcome:
        case Started():
            await press.answer(toasts.buying())
        case Replayed(activation=activation):
            await press.alert(toasts.standing(activation))
        case NotYours():
            await press.alert(toasts.not_yours())
        case PriceRose(quote=fresh):
            await press.show(Message(texts.price_rose(fresh), keyboards.quote(fresh)))
        case NotAllowed(refusal=refusal):
            html = not_allowed(refusal, desk.clock.now())
            await _not_bought(press, quote, html, may_try=passes(refusal))
        case QuoteGone():
            await _not_bought(press, quote, texts.quote_gone())
        case OfferGone():
            await _not_bought(press, quote, texts.offer_gone())
        case PriceUnknown():
            await _not_bought(press, quote, texts.price_unknown())


async def _not_bought(press: Press, quote: Quote, html: str, *, may_try: bool = True) -> None:
    """Offer to try again, which makes a fresh quote first, where that may end otherwise."""
    owner = press.scene.actor
    again = PickOffer(owner, quote.service_id, quote.country_code, quote.pid)
    back = ShowCountries(owner, quote.service_id)
    keyboard = keyboards.retry(again, owner, back) if may_try else keyboards.back(back, owner)
    await press.show(Message(html, keyboard))
